package lockdown

import "golang.org/x/sys/windows"

// applySystem puts up what a Windows process can do to itself: a priority. Files,
// network and other processes stay open to code that has left the VM; memory and
// child processes could be bounded by a job object, which this package does not
// make.
func applySystem(_ Limits, report *Report, without func(Layer) bool) {
	if !without(Priority) {
		if err := windows.SetPriorityClass(windows.CurrentProcess(), windows.BELOW_NORMAL_PRIORITY_CLASS); err != nil {
			report.down(Priority, Failed, "set priority class below normal: %v", err)
		} else {
			report.up(Priority, "priority class below normal")
		}
	}
	for _, layer := range []Layer{Privileges, Capabilities, Files, TCP, Scopes, SystemCalls, CoreDumps, FileSize, Descriptors, OOM} {
		report.down(layer, OtherSystem, "Windows has no counterpart that a process could ask for here")
	}
	report.down(AddressSpace, OtherSystem, "not built for Windows: it would take a job object")
}
