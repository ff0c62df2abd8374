package lockdown

import (
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

// forbidNewPrivileges sets the bit on every thread: it is of the thread, and
// both Landlock and seccomp ask for it.
func forbidNewPrivileges(_ Limits, report *Report) {
	if _, _, err := psx.Syscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0); err != 0 {
		report.down(Privileges, causeOf(err), "set PR_SET_NO_NEW_PRIVS on every thread: %v", err)
		return
	}
	report.up(Privileges, "no new privileges on every thread")
}

// dropCapabilities matters where the host runs as root, as in many containers:
// some of the calls that stay allowed do more for root (madvise can take memory
// pages out of service).
func dropCapabilities(_ Limits, report *Report) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var held, none [2]unix.CapUserData // two halves of 32 each
	if err := unix.Capget(&header, &held[0]); err != nil {
		report.down(Capabilities, causeOf(err), "read capabilities: %v", err)
		return
	}
	if held == none {
		report.up(Capabilities, "none were held")
		return
	}
	_, _, err := psx.Syscall3(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none[0])), 0)
	if err != 0 {
		report.down(Capabilities, causeOf(err), "drop capabilities on every thread: %v", err)
		return
	}
	report.up(Capabilities, "dropped on every thread")
}
