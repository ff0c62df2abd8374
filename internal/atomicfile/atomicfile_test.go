package atomicfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestWriteReplacesTheWholeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	for _, content := range []string{"a first and longer text", "second", ""} {
		if err := Write(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Fatalf("read %q, %v; want %q", got, err, content)
		}
	}
	onlyFile(t, path)
}

func TestWriteSetsThePermissionBits(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such bits")
	}
	path := filepath.Join(t.TempDir(), "key")
	for _, perm := range []os.FileMode{0o600, 0o644, 0o400, 0o666} {
		if err := Write(path, []byte("x"), perm); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != perm {
			t.Errorf("permissions %v, %v; want %v", info.Mode(), err, perm)
		}
	}
}

func TestWriteLeavesTheOldFileAndNoDraftWhenItFails(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "taken")
	if err := os.MkdirAll(filepath.Join(target, "below"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := Write(target, []byte("x"), 0o600)
	if err == nil || !strings.Contains(err.Error(), "write "+target) {
		t.Fatalf("error %v; want one that names %s", err, target)
	}
	onlyFile(t, target)

	err = Write(filepath.Join(folder, "no", "such", "folder"), []byte("x"), 0o600)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("error %v; want one that says the folder is not there", err)
	}
}

func TestWriteReplacesALinkAndNotItsTarget(t *testing.T) {
	folder := t.TempDir()
	real, link := filepath.Join(folder, "real"), filepath.Join(folder, "link")
	if err := os.WriteFile(real, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Skip("no links here: ", err)
	}
	if err := Write(link, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(real); string(got) != "kept" {
		t.Errorf("what the link pointed to became %q", got)
	}
	if got, _ := os.ReadFile(link); string(got) != "new" {
		t.Errorf("the link's place holds %q", got)
	}
}

func TestWriteTakesLongNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("n", 250))
	if err := Write(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReadersSeeOneWholeVersionWhileManyWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shared")
	version := func(i int) []byte { return bytes.Repeat([]byte{byte('a' + i)}, 64<<10) }
	if err := Write(path, version(0), 0o600); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	failed := make(chan error, 64)
	for i := range 4 {
		writers.Go(func() {
			for range 8 {
				if err := Write(path, version(i), 0o600); err != nil {
					failed <- err
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		got, err := os.ReadFile(path)
		if err != nil && runtime.GOOS != "windows" {
			t.Fatal(err)
		}
		if len(got) > 0 && !bytes.Equal(got, bytes.Repeat(got[:1], 64<<10)) {
			t.Fatal("read a mixture of two versions")
		}
	}
	close(failed)
	for err := range failed {
		if runtime.GOOS != "windows" { // which refuses a rename onto a file that is open
			t.Error(err)
		}
	}
	onlyFile(t, path)
}

// onlyFile reports drafts that were left beside path.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("the folder holds %v; want only %s", entries, filepath.Base(path))
	}
}
