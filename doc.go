// Package innkeeper hosts JavaScript and TypeScript plugins inside a Go chat
// server.
//
// A chat server implements chat.App, which is one method, and then: calls RunWorker
// first in main; makes a Host with New; runs plugins with Load (paths, for this
// process) or with Install, once, and Start (what is installed, in each process);
// hands every message of a person to Host.Receive, and nothing that plugins sent;
// calls Host.Close at the end. The example of Host is a whole program.
//
// The vocabulary:
//
//   - Host: the one type that an embedder needs. It runs plugins, hands them the
//     messages of the chat, and takes what they send to the chat server.
//   - chat.App: the chat server, as far as a Host needs it.
//   - Package: a plugin as a folder or a file: a manifest and its files.
//   - Plugin: one that the host knows, with its State.
//   - Generation: one run of a plugin, from initialize to destroy. What a plugin
//     registers belongs to one generation, and goes with it.
//   - Policy: what plugins may be granted. The zero Policy grants nothing.
//   - Event: what happened, told to an Observer.
//
// The way of a message: Host.Receive (is it a command? then interception, then
// chat.App.SendMessage gives it an id) → each plugin that listens → its room →
// the handler. What the plugin asks for comes back through package bridge, where
// the permission is checked, and only there. What it sends goes the same way as a
// person's message.
//
// The package must never know an engine of JavaScript: rooms do.
package innkeeper
