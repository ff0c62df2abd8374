//go:build unix

package seal

import (
	"fmt"
	"io/fs"
)

// private refuses a file that others than its owner may read or write.
func private(path string, mode fs.FileMode) error {
	if others := mode.Perm() & 0o077; others != 0 {
		return fmt.Errorf("found permissions %04o, wanted 0600: others on this machine may use the file; run: chmod 600 %q", mode.Perm(), path)
	}
	return nil
}
