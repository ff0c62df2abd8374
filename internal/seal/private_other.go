//go:build !unix

package seal

import "io/fs"

// private says nothing where permission bits do not tell who may read.
func private(string, fs.FileMode) error { return nil }
