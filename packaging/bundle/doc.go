// Package bundle turns a plugin's package into the one script that a VM runs,
// and a folder into a package that can be turned so.
//
// Its words:
//
//   - Bundle: one script, its source map beside it, and the key it is cached by.
//   - Build: from a package to a Bundle, out of the package's files alone.
//   - Pack: from a folder to a package, with the files that the entry imports.
//   - Message: one thing that esbuild or this package has to say about a line
//     of the plugin's source; a BuildError is a list of them.
//   - tree: the files that imports are looked up in (a package's, or a disk's).
//   - Cache: bundles kept under the key that the host computed.
//
// It must never know how a plugin is run, what it may do, or where it came
// from, and Build never opens a file: what a package does not hold does not
// exist. Nothing that comes out of esbuild is trusted, for its words are a
// stranger's: sizes are bounded, names are only shown, never opened.
package bundle
