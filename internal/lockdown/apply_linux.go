package lockdown

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// applySystem puts up the layers of Linux. The order matters: what needs files
// or changes every thread by signals comes before Landlock, what needs calls
// before seccomp.
func applySystem(limits Limits, report *Report, without func(Layer) bool) {
	for _, step := range []struct {
		layer Layer
		putUp func(Limits, *Report)
	}{
		{Priority, lowerPriority},
		{OOM, preferOOM},
		{Privileges, forbidNewPrivileges},
		{Capabilities, dropCapabilities},
		{CoreDumps, forbidCoreDumps},
		{AddressSpace, limitAddressSpace},
		{Files, restrictByLandlock}, // TCP and Scopes too
		{FileSize, limitFileSize},
		{Descriptors, limitDescriptors},
		{SystemCalls, filterSystemCalls},
	} {
		if !without(step.layer) {
			step.putUp(limits, report)
		}
	}
}

// lowerPriority makes every thread nice; niceness is of the thread, and a thread
// inherits it from the one that starts it. One that is started meanwhile by a
// thread not reached yet is found by looking again until all are nice.
func lowerPriority(limits Limits, report *Report) {
	const rounds = 100 // each with a new thread; a process that busy is not at rest
	for range rounds {
		changed, err := niceThreads(limits.Nice)
		if err != nil {
			report.down(Priority, causeOf(err), "set niceness %d of every thread: %v", limits.Nice, err)
			return
		}
		if !changed {
			report.up(Priority, "nice %d on every thread", limits.Nice)
			return
		}
	}
	report.down(Priority, Failed, "set niceness %d of every thread: threads are started faster than they are found", limits.Nice)
}

func niceThreads(nice int) (changed bool, err error) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return false, err
	}
	for _, task := range tasks {
		tid, err := strconv.Atoi(task.Name())
		if err != nil {
			return false, err
		}
		raw, err := unix.Getpriority(unix.PRIO_PROCESS, tid)
		if errors.Is(err, unix.ESRCH) {
			continue // it has ended
		}
		if err != nil {
			return false, err
		}
		if 20-raw >= nice { // the call, unlike the library's function, answers 20 - niceness
			continue
		}
		changed = true
		if err := unix.Setpriority(unix.PRIO_PROCESS, tid, nice); err != nil && !errors.Is(err, unix.ESRCH) {
			return false, err
		}
	}
	return changed, nil
}

// preferOOM offers this process first when the machine runs out of memory.
func preferOOM(limits Limits, report *Report) {
	if err := os.WriteFile("/proc/self/oom_score_adj", strconv.AppendInt(nil, int64(limits.OOMScore), 10), 0); err != nil {
		report.down(OOM, causeOf(err), "%v", err)
		return
	}
	report.up(OOM, "oom_score_adj %d", limits.OOMScore)
}

// causeOf sorts the errors of the kernel.
func causeOf(err error) Cause {
	switch {
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.EINVAL):
		return OldKernel
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES), errors.Is(err, os.ErrPermission), errors.Is(err, unix.EROFS):
		return NotPermitted
	}
	return Failed
}

// mappedBytes is the size of this process's address space.
func mappedBytes() (uint64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	pages, err := parseStatm(text)
	if err != nil {
		return 0, fmt.Errorf("read /proc/self/statm: %w", err)
	}
	return pages.mapped * uint64(os.Getpagesize()), nil
}
