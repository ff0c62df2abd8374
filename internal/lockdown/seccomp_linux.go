package lockdown

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/sys/unix"
)

// filterSystemCalls puts up the allow-list on every thread. What is not on it
// fails with EPERM; ending the process instead would make each new call of a new
// Go version fatal where it now is only refused.
func filterSystemCalls(_ Limits, report *Report) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		report.down(SystemCalls, OtherSystem, "the list of calls is made for amd64 and arm64")
		return
	}
	if !seccomp.Supported() {
		report.down(SystemCalls, OldKernel, "this kernel has no seccomp(2) (3.17 has it), or something above this process refuses it")
		return
	}
	policy, err := allowedCalls(os.Getpid())
	if err == nil {
		err = seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: policy})
	}
	if err != nil {
		report.down(SystemCalls, causeOf(err), "%v", err)
		return
	}
	// Where one thread cannot be brought under the filter the kernel puts up
	// nothing, and says so in a way that the library takes for success.
	if _, _, err := unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0); err != unix.EPERM {
		report.down(SystemCalls, Failed, "the filter was set, and a call that is not on its list still passes")
		return
	}
	report.up(SystemCalls, "seccomp, %d calls allowed", allowedCount(policy))
}

// What is allowed without a look at the arguments: what the Go runtime calls
// between a start and an end, and what reads and writes descriptors that are
// open.
var allowedAlways = []string{
	"read", "write", "close",
	"nanosleep", "clock_nanosleep", "clock_gettime", "gettimeofday", "getrandom",
	"munmap", "sched_yield", "sched_getaffinity",
	"getpid", "gettid", "rt_sigreturn", "rt_sigaction", "rt_sigprocmask", "sigaltstack",
	"epoll_create1", "epoll_ctl", "epoll_pwait", "eventfd2",
	"exit", "exit_group", "restart_syscall", "set_robust_list", "rseq",
}

// threadFlags are those with which Go, glibc and musl start threads. A call with
// CLONE_THREAD and nothing beyond them makes neither a process nor a namespace.
const threadFlags = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_THREAD |
	unix.CLONE_SYSVSEM | unix.CLONE_SETTLS | unix.CLONE_PARENT_SETTID | unix.CLONE_CHILD_CLEARTID | unix.CLONE_DETACHED

// Operations of futex(2), from linux/futex.h. The private ones meet only threads
// of this process.
const (
	futexWait       = 0
	futexWake       = 1
	futexWaitBitset = 9
	futexPrivate    = 128
	futexRealtime   = 256
)

// allowedCalls is the policy for the process pid.
func allowedCalls(pid int) (seccomp.Policy, error) {
	processor, err := arch.GetInfo("")
	if err != nil {
		return seccomp.Policy{}, fmt.Errorf("make the list of calls: %w", err)
	}
	known := func(name string) bool { _, ok := processor.SyscallNames[name]; return ok }

	allowed := seccomp.SyscallGroup{Action: seccomp.ActionAllow}
	for _, name := range allowedAlways {
		if !known(name) {
			return seccomp.Policy{}, errors.New("make the list of calls: " + name + " is unknown on " + runtime.GOARCH)
		}
		allowed.Names = append(allowed.Names, name)
	}
	when := func(name string, all ...seccomp.Condition) {
		allowed.NamesWithCondtions = append(allowed.NamesWithCondtions, seccomp.NameWithConditions{Name: name, Conditions: all})
	}
	oneOf := func(name string, argument uint32, values ...uint64) {
		for _, value := range values {
			when(name, seccomp.Condition{Argument: argument, Operation: seccomp.Equal, Value: value})
		}
	}

	// Memory is of this process alone, backed by no file, and never executable.
	when("mmap", without(2, unix.PROT_EXEC), without(3, unix.MAP_SHARED), with(3, unix.MAP_ANONYMOUS))
	when("mprotect", without(2, unix.PROT_EXEC))
	oneOf("madvise", 2, unix.MADV_DONTNEED, unix.MADV_FREE, unix.MADV_HUGEPAGE, unix.MADV_NOHUGEPAGE, unix.MADV_COLLAPSE)

	when("clone", with(0, unix.CLONE_THREAD), without(0, ^uint64(threadFlags)))
	oneOf("tgkill", 0, uint64(pid))
	// Go waits and wakes; the others are what glibc's locks use beside them.
	oneOf("futex", 1,
		futexPrivate|futexWait, futexPrivate|futexWake,
		futexPrivate|futexWaitBitset, futexPrivate|futexWaitBitset|futexRealtime)
	// No owners, signals, locks, leases or duplicates, and no F_SETFL: flags are
	// of the open file, which the host may share.
	oneOf("fcntl", 1, unix.F_GETFD, unix.F_SETFD, unix.F_GETFL)

	// glibc starts threads with clone3 and falls back to clone, whose flags a
	// filter can see, only where the kernel has no clone3.
	unknown := seccomp.SyscallGroup{
		Names:  []string{"clone3"},
		Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS),
	}
	return seccomp.Policy{
		DefaultAction: seccomp.ActionErrno, // EPERM
		Syscalls:      []seccomp.SyscallGroup{allowed, unknown},
	}, nil
}

// with asks that one of the bits is set, without that none is.
func with(argument uint32, bits uint64) seccomp.Condition {
	return seccomp.Condition{Argument: argument, Operation: seccomp.BitsSet, Value: bits}
}

func without(argument uint32, bits uint64) seccomp.Condition {
	return seccomp.Condition{Argument: argument, Operation: seccomp.BitsNotSet, Value: bits}
}

func allowedCount(policy seccomp.Policy) int {
	names := map[string]bool{}
	for _, group := range policy.Syscalls {
		if group.Action != seccomp.ActionAllow {
			continue
		}
		for _, name := range group.Names {
			names[name] = true
		}
		for _, call := range group.NamesWithCondtions {
			names[call.Name] = true
		}
	}
	return len(names)
}
