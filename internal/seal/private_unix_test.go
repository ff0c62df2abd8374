//go:build unix

package seal

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestLoadKeyRefusesAFileThatOthersMayUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	if err := os.WriteFile(path, []byte(hexKey), 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, good := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o620: false, 0o644: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := LoadKey(path)
		if good != (err == nil) {
			t.Errorf("%04o: %v", mode, err)
		}
		if !good && (err == nil || !strings.Contains(err.Error(), "chmod 600")) {
			t.Errorf("%04o: %v, wanted a hint", mode, err)
		}
	}
}

func TestLoadKeyDoesNotWaitForAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	if _, err := LoadKey(path); err == nil || !strings.Contains(err.Error(), "found a pipe") {
		t.Errorf("got %v", err)
	}
}
