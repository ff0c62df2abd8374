// Package datadir is the folder in which a host keeps everything, and the lock
// by which only one host at a time does.
//
//   - Dir: the folder, with the names of what lies in it.
//   - Lock: the right to be the host of a Dir. It ends with the process, however
//     the process ends. Commands that only read do not need it.
//
// It must never know what the files mean.
package datadir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"

	"github.com/innkeeper-host/innkeeper/internal/atomicfile"
)

// Dir is the path of a data directory.
type Dir string

// Database is the file of the store.
func (d Dir) Database() string { return filepath.Join(string(d), "innkeeper.db") }

// Packages is the folder of installed packages.
func (d Dir) Packages() string { return filepath.Join(string(d), "packages") }

// Bundles is the folder of the bundle cache; it may be deleted at any time.
func (d Dir) Bundles() string { return filepath.Join(string(d), "bundles") }

// HeldError says that another host runs on the directory.
type HeldError struct {
	Dir string
	PID int // of the holder; 0 where it is not known yet
}

func (e *HeldError) Error() string {
	who := "another process"
	if e.PID > 0 {
		who = fmt.Sprintf("process %d", e.PID)
	}
	return fmt.Sprintf("open data directory %s: it is held by %s; stop it, or name another directory", e.Dir, who)
}

// Lock is held until Release.
type Lock struct {
	file *flock.Flock
	pid  string
}

// Make makes the directory and its folders where they are missing.
func (d Dir) Make() error {
	for _, folder := range []string{string(d), d.Packages(), d.Bundles()} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("make data directory: %w", err)
		}
	}
	return nil
}

// Lock makes this process the host of the directory, which must be there. The
// error is a *HeldError where another process is.
func (d Dir) Lock() (*Lock, error) {
	l := &Lock{file: flock.New(filepath.Join(string(d), "host.lock")), pid: filepath.Join(string(d), "host.pid")}
	ok, err := l.file.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock data directory %s: %w", string(d), err)
	}
	if !ok {
		return nil, &HeldError{string(d), readPID(l.pid)}
	}
	if err := atomicfile.Write(l.pid, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("lock data directory %s: %w", string(d), err), l.file.Unlock())
	}
	return l, nil
}

// Release gives the directory free.
func (l *Lock) Release() error {
	// While the lock is held the file is ours; afterwards it may be another's.
	return errors.Join(os.Remove(l.pid), l.file.Unlock())
}

func readPID(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}
