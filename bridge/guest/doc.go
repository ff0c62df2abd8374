// Package guest is the plugin's half of the bridge: the context that a plugin
// sees, installed in a VM, and the Room that runs it in the host's own process.
//
//   - Room: one generation of one plugin in a VM of this process.
//   - guest: what that generation has on the VM's goroutine: its instance, its
//     registrations, the calls that are open.
//   - registration: one handler that the plugin gave to the host, by number.
//
// A capability has a file here and one of the same name in bridge/host. The
// guest turns calls into Requests and checks only what must throw at once; the
// host's half checks again, and only that counts. The package must never touch
// a database, a file or the network.
package guest
