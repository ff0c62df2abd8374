package lockdown

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// target is what a probe goes for. All of it is prepared before the lock-down.
type target struct {
	Folder   string `json:"folder"` // holds a file, "secret", and a Unix socket, "socket"
	Abstract string `json:"abstract"`
	TCP      int    `json:"tcp"`    // a port that is listened to
	UDP      int    `json:"udp"`    // likewise
	Victim   int    `json:"victim"` // the id of an equal process
	Binary   string `json:"binary"`
	folderFD int    // open in the prober
	fileFD   int
	page     uintptr // an anonymous page
}

func (t target) file(name string) string { return filepath.Join(t.Folder, name) }

// probe is one thing that a plugin that has taken over its worker would try.
// SystemCalls must refuse each of them alone; so must the layer in alone, where
// there is one.
type probe struct {
	name  string
	alone Layer
	try   func(target) error
}

// call makes a system call that need not do anything sensible: unrestricted, the
// kernel answers with success or with what is wrong with the arguments.
func call(number uintptr, args ...uintptr) func(target) error {
	return func(target) error { return rawCall(number, args...) }
}

func rawCall(number uintptr, args ...uintptr) error {
	var a [6]uintptr
	copy(a[:], args)
	if _, _, errno := unix.RawSyscall6(number, a[0], a[1], a[2], a[3], a[4], a[5]); errno != 0 {
		return errno
	}
	return nil
}

const bad = ^uintptr(0) // a descriptor, an address or a command that is none

func open(flags int, path func(target) string) func(target) error {
	return func(t target) error {
		fd, err := unix.Open(path(t), flags|unix.O_CLOEXEC, 0o600)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
}

func at(path string) func(target) string     { return func(target) string { return path } }
func inside(name string) func(target) string { return func(t target) string { return t.file(name) } }

func connect(family, kind int, address func(target) unix.Sockaddr) func(target) error {
	return func(t target) error {
		fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return unix.Connect(fd, address(t))
	}
}

func localhost(port int) *unix.SockaddrInet4 {
	return &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}
}

// fork makes a process with the given flags, which ends at once.
func fork(flags uintptr) func(target) error {
	return func(target) error {
		pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, flags|uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		if errno != 0 {
			return errno
		}
		if pid == 0 {
			for {
				unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
			}
		}
		unix.Wait4(int(pid), nil, 0, nil)
		return nil
	}
}

var probes = []probe{
	{"read /etc/passwd", Files, open(unix.O_RDONLY, at("/etc/passwd"))},
	{"read a file", Files, open(unix.O_RDONLY, inside("secret"))},
	{"write a file", Files, open(unix.O_WRONLY, inside("secret"))},
	{"make a file", Files, open(unix.O_WRONLY|unix.O_CREAT, inside("new"))},
	{"make a file without a name", Files, open(unix.O_WRONLY|unix.O_TMPFILE, func(t target) string { return t.Folder })},
	{"list a folder", Files, open(unix.O_RDONLY|unix.O_DIRECTORY, at("/"))},
	{"write own memory by /proc", Files, open(unix.O_RDWR, at("/proc/self/mem"))},
	{"read own environment by /proc", Files, open(unix.O_RDONLY, at("/proc/self/environ"))},
	{"read from a device", Files, open(unix.O_RDONLY, at("/dev/zero"))},
	{"read beneath an inherited folder", Files, func(t target) error {
		fd, err := unix.Openat(t.folderFD, "secret", unix.O_RDONLY, 0)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}},
	{"read by openat2", Files, func(t target) error {
		fd, err := unix.Openat2(unix.AT_FDCWD, t.file("secret"), &unix.OpenHow{})
		if err == nil {
			unix.Close(fd)
		}
		return err
	}},
	{"look at a file", "", func(t target) error { var s unix.Stat_t; return unix.Stat(t.file("secret"), &s) }},
	{"make a folder", Files, func(t target) error { return unix.Mkdir(t.file("folder"), 0o700) }},
	{"make a link", Files, func(t target) error { return unix.Symlink("/etc/passwd", t.file("link")) }},
	{"make a pipe with a name", Files, func(t target) error { return unix.Mkfifo(t.file("fifo"), 0o600) }},
	{"rename a file", Files, func(t target) error { return unix.Rename(t.file("spare"), t.file("spare2")) }},
	{"remove a file", Files, func(t target) error { return unix.Unlink(t.file("old")) }},
	{"truncate a file", "", func(t target) error { return unix.Truncate(t.file("secret"), 0) }},
	{"truncate an open file", "", func(t target) error { return unix.Ftruncate(t.fileFD, 0) }},
	{"change a file's mode", "", func(t target) error { return unix.Chmod(t.file("secret"), 0o600) }},
	{"chdir", "", func(target) error { return unix.Chdir("/") }},
	{"fchdir", "", func(t target) error { return unix.Fchdir(t.folderFD) }},
	{"map a file", "", func(t target) error {
		return rawCall(unix.SYS_MMAP, 0, 4096, unix.PROT_READ, unix.MAP_PRIVATE, uintptr(t.fileFD), 0)
	}},

	{"run a program", Files, func(t target) error {
		pid, err := syscall.ForkExec(t.Binary, []string{t.Binary}, &syscall.ProcAttr{Env: []string{childVariable + "=nothing"}})
		if err == nil {
			unix.Wait4(pid, nil, 0, nil)
		}
		return err
	}},
	{"execve", "", call(unix.SYS_EXECVE, bad)},
	{"execveat a descriptor", "", call(unix.SYS_EXECVEAT, bad, 0, 0, 0, unix.AT_EMPTY_PATH)},
	{"fork", "", fork(0)},
	{"fork with shared memory of descriptors", "", fork(unix.CLONE_FILES)},
	{"clone with CLONE_THREAD and a namespace", "", call(unix.SYS_CLONE, unix.CLONE_THREAD|unix.CLONE_NEWUSER)},
	{"clone3", "", call(unix.SYS_CLONE3, 0, 1)},
	{"unshare", "", call(unix.SYS_UNSHARE, 1)},
	{"setns", "", call(unix.SYS_SETNS, bad)},

	{"connect by TCP", TCP, connect(unix.AF_INET, unix.SOCK_STREAM, func(t target) unix.Sockaddr { return localhost(t.TCP) })},
	{"listen by TCP", TCP, func(target) error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return unix.Bind(fd, localhost(0))
	}},
	{"connect by UDP", "", connect(unix.AF_INET, unix.SOCK_DGRAM, func(t target) unix.Sockaddr { return localhost(t.UDP) })},
	{"connect to a Unix socket", "", connect(unix.AF_UNIX, unix.SOCK_STREAM, func(t target) unix.Sockaddr { return &unix.SockaddrUnix{Name: t.file("socket")} })},
	{"connect to an abstract socket", Scopes, connect(unix.AF_UNIX, unix.SOCK_STREAM, func(t target) unix.Sockaddr { return &unix.SockaddrUnix{Name: "@" + t.Abstract} })},
	{"netlink", "", connect(unix.AF_NETLINK, unix.SOCK_RAW, func(target) unix.Sockaddr { return &unix.SockaddrNetlink{Family: unix.AF_NETLINK} })},
	{"vsock", "", call(unix.SYS_SOCKET, unix.AF_VSOCK, unix.SOCK_STREAM|0x7000000)},
	{"socketpair", "", call(unix.SYS_SOCKETPAIR, unix.AF_UNIX, unix.SOCK_STREAM, 0, bad)},
	{"sendmsg", "", call(unix.SYS_SENDMSG, bad)},

	{"signal another process", Scopes, func(t target) error { return unix.Kill(t.Victim, unix.SIGCONT) }},
	{"ask whether a process is there", "", func(t target) error { return unix.Kill(t.Victim, 0) }},
	{"signal a thread of another process", Scopes, func(t target) error { return unix.Tgkill(t.Victim, t.Victim, unix.SIGCONT) }},
	{"signal everyone", "", func(target) error { return unix.Kill(-1, 0) }},
	{"queue a signal", "", call(unix.SYS_RT_SIGQUEUEINFO, 1<<30, 0, bad)},
	{"pidfd_open", "", func(t target) error { return rawCall(unix.SYS_PIDFD_OPEN, uintptr(t.Victim)) }},
	{"pidfd_send_signal", "", call(unix.SYS_PIDFD_SEND_SIGNAL, bad)},
	{"pidfd_getfd", "", call(unix.SYS_PIDFD_GETFD, bad)},
	{"trace another process", "", func(t target) error { return rawCall(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(t.Victim)) }},
	{"read another process's memory", "", func(t target) error {
		return rawCall(unix.SYS_PROCESS_VM_READV, uintptr(t.Victim), 0, 0, 0, 0, 0)
	}},
	{"write another process's memory", "", func(t target) error {
		return rawCall(unix.SYS_PROCESS_VM_WRITEV, uintptr(t.Victim), 0, 0, 0, 0, 0)
	}},
	{"who is the parent", "", call(unix.SYS_GETPPID)},
	{"own a pipe's signals by fcntl", "", func(target) error {
		return rawCall(unix.SYS_FCNTL, 1, unix.F_SETOWN, uintptr(os.Getpid()))
	}},
	{"choose a pipe's signal by fcntl", "", call(unix.SYS_FCNTL, 1, unix.F_SETSIG, 0)},
	{"change a pipe's flags", "", call(unix.SYS_FCNTL, 1, unix.F_SETFL, 0)},
	{"duplicate by fcntl", "", call(unix.SYS_FCNTL, 1, unix.F_DUPFD, 1<<30)},
	{"duplicate", "", call(unix.SYS_DUP, bad)},
	{"ioctl", "", call(unix.SYS_IOCTL, bad)},

	{"executable memory by mmap", "", call(unix.SYS_MMAP, 0, 4096, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS, bad)},
	{"executable memory by mprotect", "", func(t target) error {
		return rawCall(unix.SYS_MPROTECT, t.page, 4096, unix.PROT_READ|unix.PROT_EXEC)
	}},
	{"executable memory by pkey_mprotect", "", func(t target) error {
		return rawCall(unix.SYS_PKEY_MPROTECT, t.page, 4096, unix.PROT_READ|unix.PROT_EXEC, bad)
	}},
	{"shared memory by mmap", "", call(unix.SYS_MMAP, 0, 4096, unix.PROT_READ, unix.MAP_SHARED|unix.MAP_ANONYMOUS, bad)},
	{"shared memory by shmget", "", call(unix.SYS_SHMGET, 0, 0)},
	{"memory taken out of service", "", call(unix.SYS_MADVISE, 1, 4096, unix.MADV_HWPOISON)},
	{"memfd_create", "", func(t target) error {
		fd, err := unix.MemfdCreate("program", 0)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}},
	{"mremap", "", call(unix.SYS_MREMAP, 1)},
	{"mlock", "", call(unix.SYS_MLOCK, 0, 0)},
	{"personality", "", call(unix.SYS_PERSONALITY, 0xffffffff)},
	{"robust futex of another kind", "", call(unix.SYS_FUTEX, 0, 6 /* FUTEX_LOCK_PI */)},

	{"keyctl", "", call(unix.SYS_KEYCTL, 0, bad-2, 0)},
	{"bpf", "", call(unix.SYS_BPF, bad)},
	{"io_uring", "", call(unix.SYS_IO_URING_SETUP, 1, 0)},
	{"userfaultfd", "", call(unix.SYS_USERFAULTFD, bad)},
	{"perf_event_open", "", call(unix.SYS_PERF_EVENT_OPEN, 0)},
	{"another filter", "", call(unix.SYS_SECCOMP, bad)},
	{"prctl", "", call(unix.SYS_PRCTL, unix.PR_GET_DUMPABLE)},
	{"mount", "", call(unix.SYS_MOUNT, 0, bad)},
	{"chroot", "", call(unix.SYS_CHROOT, bad)},
	{"setuid", "", call(unix.SYS_SETUID, bad)},
	{"capset", "", call(unix.SYS_CAPSET, 0)},
	{"raise a limit", "", call(unix.SYS_PRLIMIT64, 0, bad)},
	{"become important again", "", call(unix.SYS_SETPRIORITY, bad)},
	{"schedule in real time", "", call(unix.SYS_SCHED_SETSCHEDULER, bad, 0, 0)},
	{"a timer that signals", "", call(unix.SYS_TIMER_CREATE, bad, 0, 0)},
	{"inotify", "", call(unix.SYS_INOTIFY_INIT1, bad)},
	{"load a module", "", call(unix.SYS_FINIT_MODULE, bad, bad, 1<<20)},
	{"set the clock", "", call(unix.SYS_CLOCK_SETTIME, bad, uintptr(unsafe.Pointer(&unix.Timespec{Nsec: -1})))},
}

// probesChild tries all probes, locked down or not, and says how each ended: ""
// for success, otherwise the number of the error.
func probesChild() any {
	goal := target{
		Folder: os.Getenv("TARGET_FOLDER"), Abstract: os.Getenv("TARGET_ABSTRACT"), Binary: os.Getenv("TARGET_BINARY"),
	}
	goal.TCP, _ = strconv.Atoi(os.Getenv("TARGET_TCP"))
	goal.UDP, _ = strconv.Atoi(os.Getenv("TARGET_UDP"))
	goal.Victim, _ = strconv.Atoi(os.Getenv("TARGET_VICTIM"))
	goal.folderFD, _ = unix.Open(goal.Folder, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	goal.fileFD, _ = unix.Open(goal.file("secret"), unix.O_RDONLY, 0)
	page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return err.Error()
	}
	goal.page = uintptr(unsafe.Pointer(&page[0]))

	result := probeResult{Outcomes: map[string]syscall.Errno{}}
	if os.Getenv("TARGET_UNLOCKED") == "" {
		result.Report = lockDown()
	}
	for _, p := range probes {
		result.Outcomes[p.name] = onItsOwnThread(func() error { return p.try(goal) })
	}
	return result
}

type probeResult struct {
	Report   Report                   `json:"report"`
	Outcomes map[string]syscall.Errno `json:"outcomes"` // 0 is success
}

// onItsOwnThread runs f on a thread that ends with it, so that what a probe did
// to its thread goes with it; and that is a fresh one, which the layers must
// hold as well.
func onItsOwnThread(f func() error) syscall.Errno {
	done := make(chan syscall.Errno)
	go func() {
		runtime.LockOSThread()
		errno, _ := f().(syscall.Errno)
		done <- errno
	}()
	return <-done
}
