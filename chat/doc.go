// Package chat is the vocabulary that plugins and chat servers share.
//
//   - Message: what one author said in one channel.
//   - Author: who said it: a person, the assistant, or a plugin.
//   - App: the chat server that embeds the host. It stores and shows messages.
//   - Component, MenuItem, Command: what a plugin adds to the chat server's
//     page and command line; together they are its Contributions.
//   - Schema, Field: the settings that a plugin has, and their limits.
//
// The package knows nothing of JavaScript, of packages or of how plugins run,
// and must stay free of imports of the rest of the module: a chat server may
// use it without the host.
package chat
