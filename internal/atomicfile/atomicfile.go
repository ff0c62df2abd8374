// Package atomicfile replaces a file as a whole: after a crash or a power cut
// the path holds either all of the old bytes or all of the new ones.
//
// Vocabulary: the target is the path that is replaced; the draft is the file
// beside it that is written first. It knows nothing of what the bytes mean.
package atomicfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write replaces the file at path by data, with the permission bits of perm,
// whatever the process's mask says. When it returns nil, a power cut cannot
// take the new bytes away. On an error the old file stands untouched and no
// draft is left. A target that is a link is replaced itself, not what it points
// to. Several writers of one path are safe: the last one wins as a whole.
func Write(path string, data []byte, perm fs.FileMode) (err error) {
	folder, name := filepath.Split(path)
	if folder == "" {
		folder = "."
	}
	if info, statErr := os.Lstat(path); statErr == nil && info.IsDir() {
		return fmt.Errorf("write %s: there is a folder of that name", path)
	}
	// Beside the target: a rename is only atomic within one file system.
	draft, err := os.CreateTemp(folder, "."+clipName(name)+".draft-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			draft.Close() // a second close only gives an error
			os.Remove(draft.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	if _, err := draft.Write(data); err != nil {
		return err
	}
	if err := draft.Chmod(perm.Perm()); err != nil {
		return err
	}
	if err := draft.Sync(); err != nil {
		return err
	}
	if err := draft.Close(); err != nil {
		return err
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

// clipName keeps the draft's name within what file systems allow (255 bytes).
func clipName(name string) string {
	const most = 200
	if len(name) > most {
		return name[:most]
	}
	return name
}
