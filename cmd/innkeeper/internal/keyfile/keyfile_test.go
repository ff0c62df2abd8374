package keyfile

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestAKeyIsMadeOnceAndKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config", "innkeeper", "secret.key")
	keys := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			key, err := Ensure(path, filepath.Join(dir, "data"))
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	wg.Wait()
	for _, key := range keys {
		if !bytes.Equal(key, keys[0]) || len(key) == 0 {
			t.Fatalf("two keys: %d and %d bytes", len(key), len(keys[0]))
		}
	}
}

func TestAKeyInTheDataDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(data, link); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{filepath.Join(data, "key"), filepath.Join(link, "deep", "key")} {
		if _, err := Ensure(path, data); err == nil {
			t.Errorf("%s was accepted", path)
		}
	}
	if _, err := Ensure(filepath.Join(dir, "data.key"), data); err != nil {
		t.Error(err)
	}
}
