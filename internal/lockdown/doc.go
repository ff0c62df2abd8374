// Package lockdown is what a worker process does to itself before it runs a
// plugin, and how its parent watches what it cannot limit from inside.
//
// # Threat model
//
// The plugin is an adversary. JavaScript alone reaches no system call, so the
// first walls are the VM's and the guest half's; this package stands behind
// them and assumes that they have fallen: that the attacker executes any machine
// code that is already in the process, on any of its threads, and has every
// descriptor that the worker holds. Such an attacker can still compute, allocate
// up to a bound, write lies into the pipe and end its own process; the host
// treats the pipe as hostile and the process as replaceable. It must not read or
// write a file, start a program, reach a network or another process, gain a
// right, load code, or use more of the machine than its share.
//
// Not covered: errors of the kernel in the few calls that stay allowed, leaks
// through timing and shared caches, and whatever the parent lets the worker
// inherit. Descriptors and the environment are the parent's part: only pipes, no
// terminal, no log file (RLIMIT_FSIZE of 0 would also end a worker that writes
// its last words to a regular file).
//
// # Layers
//
//	layer            by                      stops                                         Linux since
//	privileges       PR_SET_NO_NEW_PRIVS     set-user-id programs, regained rights         3.5
//	capabilities     capset                  what root may do beyond others                2.6.26
//	files            Landlock, ABI 1         opening, listing, making, running files       5.13
//	                  ABI 3, 5, 9            truncation; ioctl; named Unix sockets         6.2, 6.10, later
//	tcp              Landlock, ABI 4         TCP connect and bind                          6.7
//	scopes           Landlock, ABI 6         signals to, abstract sockets of, others       6.12
//	system calls     seccomp allow-list      all but about forty calls: sockets, fork,     3.17
//	                                         exec, ptrace, mount, executable memory,
//	                                         shared memory, signals out of the process
//	address space    RLIMIT_AS               memory beyond start + 384 MB                  any
//	core dumps       RLIMIT_CORE, dumpable   secrets in a dump, tracing by equals          any
//	file size        RLIMIT_FSIZE            writing to a file that was inherited          any
//	descriptors      RLIMIT_NOFILE           more descriptors than a few                   any
//	collector        runtime/debug           heaps that grow where collecting would do     all systems
//	priority         nice, on every thread   neighbours kept waiting by a spinner          any
//	oom              oom_score_adj           the kernel ending the host instead            2.6.36
//
// Files and system calls are two walls with the same plugin behind them: where
// one is missing the other still refuses the file, but only one error is left
// between the attacker and the host. Other systems than Linux have neither: see
// apply_darwin.go, apply_windows.go and apply_other.go. What is missing is in the
// Report, never silent.
//
// # Vocabulary
//
//   - Limits: the figures, in bytes and counts.
//   - Apply: puts the layers up in this process, for good.
//   - Layer, State, Report: one wall; whether it stands and why not; all of them.
//   - Watch: the parent's half, sampling a worker's memory; Excess is what it reports.
//
// It must never know what runs in the worker: no plugin, VM or pipe is named in
// its code, and what a missing layer means is decided by who reads the Report.
package lockdown
