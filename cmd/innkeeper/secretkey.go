package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/innkeeper-host/innkeeper/internal/seal"
)

// secretKey reads the key that seals secret settings, and makes one where there
// is none yet. It lies outside of the data directory, so that a copy of the data
// gives no secret away. Without a configuration directory there is no key: then
// plugins with secret settings are refused.
func secretKey(file string) ([]byte, error) {
	if file == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return nil, nil //nolint:nilerr // told above
		}
		file = filepath.Join(config, "innkeeper", "secret.key")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, fmt.Errorf("make a place for the key of secret settings: %w; name another with --secret-key-file", err)
		}
	}
	// Loading first holds the file's permissions against what is safe.
	_, err := seal.LoadKey(file)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = seal.CreateKey(file)
		if errors.Is(err, fs.ErrExist) { // another process was quicker
			_, err = seal.LoadKey(file)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("key of secret settings: %w", err)
	}
	return os.ReadFile(file)
}
