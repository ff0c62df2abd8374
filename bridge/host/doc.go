// Package host is the host's half of the bridge. It serves what plugins ask for,
// and it is the only place where a permission is checked and counts.
//
//   - Desk: what all plugins are served from: the store, the chat server, the
//     scheduler.
//   - Session: one generation of one plugin at the desk: its grants, what it
//     registered, the calls that it has open. It is the Server of a Room.
//   - Chat: where a plugin's messages and events go on, served by the root.
//   - Origin: how a call came about: how many plugins stand before it, and in
//     which channel. The host remembers it under the call's cause.
//   - Lane: requests of one plugin that are served one after another.
//
// A capability has a file here and one of the same name in bridge/guest. The
// package must never import an engine of JavaScript, directly or not, and never
// believe a guest: every argument is checked again.
package host
