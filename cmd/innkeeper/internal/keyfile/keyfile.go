// Package keyfile finds the key that seals secret settings, and makes it where
// there is none. The key lies outside of the data directory, so that who copies
// the data has no secrets. It must never print or change a key.
package keyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/innkeeper-host/innkeeper/internal/seal"
)

// Default is the path of the user's own key. The error says that the system does
// not name a folder for configuration, as where HOME is not set.
func Default() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the secret key: %w; name its file with --secret-key-file", err)
	}
	return filepath.Join(dir, "innkeeper", "secret.key"), nil
}

// Ensure returns the key in the file at path as text, for innkeeper.Options, and
// creates it where the file is not there. A path inside dataDir is refused.
func Ensure(path, dataDir string) ([]byte, error) {
	if inside(path, dataDir) {
		return nil, fmt.Errorf("secret key %s: it is in the data directory %s, where a copy of the data would carry it along; name another place with --secret-key-file", path, dataDir)
	}
	if _, err := seal.LoadKey(path); err != nil {
		if err := create(path); err != nil {
			return nil, fmt.Errorf("secret key: %w", err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("secret key: %w", err)
	}
	return text, nil
}

// create makes the key where there is none. Processes that are started at once
// come here at once: the first one makes it, the others find it.
func create(path string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	lock := flock.New(path + ".lock")
	if err := lock.Lock(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	_, err = seal.LoadKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = seal.CreateKey(path)
	}
	return err
}

// inside reports whether a path is dir or below it, with links followed as far as
// the path is there.
func inside(path, dir string) bool {
	rel, err := filepath.Rel(resolved(dir), resolved(path))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func resolved(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	real, err := filepath.EvalSymlinks(abs)
	if err == nil {
		return real
	}
	parent := filepath.Dir(abs)
	if parent == abs {
		return abs
	}
	return filepath.Join(resolved(parent), filepath.Base(abs))
}
