package lockdown

import "golang.org/x/sys/unix"

// applySystem puts up what macOS offers to a process without cgo: limits and a
// priority. Its sandbox is reached only through a C library, and RLIMIT_AS is
// taken and not kept, so files, network, other processes and memory stay open to
// code that has left the VM.
func applySystem(limits Limits, report *Report, without func(Layer) bool) {
	for _, limit := range []struct {
		layer    Layer
		name     string
		resource int
		value    uint64
	}{
		{CoreDumps, "RLIMIT_CORE", unix.RLIMIT_CORE, 0},
		{FileSize, "RLIMIT_FSIZE", unix.RLIMIT_FSIZE, 0},
		{Descriptors, "RLIMIT_NOFILE", unix.RLIMIT_NOFILE, limits.Descriptors},
	} {
		if without(limit.layer) {
			continue
		}
		if err := unix.Setrlimit(limit.resource, &unix.Rlimit{Cur: limit.value, Max: limit.value}); err != nil {
			report.down(limit.layer, Failed, "set %s to %d: %v", limit.name, limit.value, err)
			continue
		}
		report.up(limit.layer, "%s %d", limit.name, limit.value)
	}
	// Here niceness is of the process; 0 means this one.
	if !without(Priority) {
		if err := unix.Setpriority(unix.PRIO_PROCESS, 0, limits.Nice); err != nil {
			report.down(Priority, Failed, "set niceness %d: %v", limits.Nice, err)
		} else {
			report.up(Priority, "nice %d", limits.Nice)
		}
	}
	for _, layer := range []Layer{Privileges, Capabilities, Files, TCP, Scopes, SystemCalls} {
		report.down(layer, OtherSystem, "macOS has no such thing that is reached without cgo")
	}
	report.down(AddressSpace, OtherSystem, "macOS takes RLIMIT_AS and does not keep to it")
	report.down(OOM, OtherSystem, "macOS has no such setting")
}
