package lockdown

import "golang.org/x/sys/unix"

// forbidCoreDumps needs two things: the limit counts for dumps into files, and
// not being dumpable also for those that are piped into a program. The latter
// gives /proc/PID to root as well, so that no equal may trace the process.
func forbidCoreDumps(_ Limits, report *Report) {
	if err := setLimit(unix.RLIMIT_CORE, 0); err != nil {
		report.down(CoreDumps, causeOf(err), "set RLIMIT_CORE to 0: %v", err)
		return
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		report.down(CoreDumps, causeOf(err), "make the process not dumpable: %v", err)
		return
	}
	report.up(CoreDumps, "RLIMIT_CORE 0, not dumpable")
}

func limitFileSize(_ Limits, report *Report) {
	if err := setLimit(unix.RLIMIT_FSIZE, 0); err != nil {
		report.down(FileSize, causeOf(err), "set RLIMIT_FSIZE to 0: %v", err)
		return
	}
	report.up(FileSize, "RLIMIT_FSIZE 0")
}

func limitDescriptors(limits Limits, report *Report) {
	if err := setLimit(unix.RLIMIT_NOFILE, limits.Descriptors); err != nil {
		report.down(Descriptors, causeOf(err), "set RLIMIT_NOFILE to %d: %v", limits.Descriptors, err)
		return
	}
	report.up(Descriptors, "RLIMIT_NOFILE %d", limits.Descriptors)
}

// limitAddressSpace counts from what is mapped now: the Go runtime reserves
// hundreds of megabytes at its start, differently from version to version.
func limitAddressSpace(limits Limits, report *Report) {
	mapped, err := mappedBytes()
	if err != nil {
		report.down(AddressSpace, causeOf(err), "%v", err)
		return
	}
	if err := setLimit(unix.RLIMIT_AS, mapped+limits.AddressSpace); err != nil {
		report.down(AddressSpace, causeOf(err), "set RLIMIT_AS: %v", err)
		return
	}
	report.up(AddressSpace, "RLIMIT_AS %s + %s", inMegabytes(mapped), inMegabytes(limits.AddressSpace))
}

// setLimit lowers the soft and the hard limit, which cannot be raised again. A
// hard limit that is lower already stays.
func setLimit(resource int, value uint64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(resource, &now); err != nil {
		return err
	}
	value = min(value, now.Max)
	return unix.Setrlimit(resource, &unix.Rlimit{Cur: value, Max: value})
}
