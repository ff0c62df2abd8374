// Package packaging is what a plugin is before it runs: its manifest, what it
// asks for, and the one JSON file that it travels in.
//
// Vocabulary:
//   - Manifest: what a plugin says of itself (manifest.json), checked as a whole;
//   - Permission: one entry of what a manifest asks for; Grant: one thing that
//     may be done ("messages:send"); Grants: a set of them with their limits;
//   - Ability: a grant that exists at all, with a sentence for people;
//   - Activation: which messages and events reach a plugin;
//   - Package: a manifest and its files as one value; Limits bounds one;
//   - canonical form: the only bytes that a package of format 1 may have
//     (RFC 8785 and a final newline); integrity and Digest are a hash over it.
//
// It never touches a disk, a network, a virtual machine or a bundler, and it
// never learns what a host granted: it reads and writes values, nothing else.
// Everything it reads may come from a stranger, so every parser here is
// bounded before it allocates, and names the offender when it refuses.
package packaging
