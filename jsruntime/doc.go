// Package jsruntime runs one goja VM as one actor.
//
//   - Runtime: the actor, as the rest of the program sees it. One goroutine owns
//     the VM; everybody else posts jobs to its mailbox.
//   - VM: the same, as a job sees it. Its methods are only for the goroutine
//     that runs the job: a job is handed the VM and must not keep it elsewhere.
//   - Lane: the mailbox has three: control goes first, then answers, then work.
//   - Entry: JavaScript executing, from a call into the VM until the microtasks
//     that it left are done. The running limit is the limit of one entry.
//   - Deferred: a promise that some other goroutine settles later.
//   - Cause: a number that a job carries and that follows what it starts,
//     through awaits and timers.
//   - Program: compiled code with its source map.
//
// The package knows nothing of chats, plugins or packages, and must never hand
// a Go value to JavaScript by reference: natives take and return what goja
// makes.
package jsruntime
