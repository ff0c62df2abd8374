// Package bridge holds the words of the border between the host and a plugin.
//
//   - Room: a place where one generation of one plugin runs.
//   - Call: what the host asks of a plugin (a message to handle, a command to
//     run); it goes in through Room.Post.
//   - Request: what a plugin asks of the host; it comes out to a Server.
//   - Result: how either ended: a Payload or an Error.
//   - Payload: the values that cross, encoded. Nothing else crosses: no pointer,
//     no function, no object of either side.
//   - Cause: the number of the call from which something follows.
//   - State: the copy of grants, settings and app that the host pushes to the
//     guest so that what acts at once can throw at once.
//
// The guest half (bridge/guest) turns what a plugin calls into Requests, and the
// host half (bridge/host) checks the permission of each and serves it. Package
// bridge must never know a VM, a database or a file: it is the part that both
// halves, and both sides of a pipe, have in common.
package bridge
