// Package subject reads what a command was pointed at.
//
// The vocabulary:
//
//   - Subject: the plugin at a path, as a Package, with what was odd about it.
//   - folder: a plugin's source; it is packed in memory. file: a package.
//
// It reads, and must never write, run a plugin, or know which command asks.
package subject

import (
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

// Subject is a plugin at a path.
type Subject struct {
	Path     string
	Folder   bool
	Package  *packaging.Package
	Warnings []packaging.Warning
}

// Read makes a package of a folder, or reads a package file. Errors are those of
// bundle.Pack and packaging.Unpack as they are; others name the path. A path that
// is not there is fs.ErrNotExist.
func Read(path string) (*Subject, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read plugin: %w", err)
	}
	s := &Subject{Path: path, Folder: info.IsDir()}
	if s.Folder {
		s.Package, s.Warnings, err = bundle.Pack(path, bundle.PackOptions{})
		return s, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read plugin %s: it is neither a folder nor a file", path)
	}
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if s.Package, err = packaging.Unpack(data, packaging.DefaultLimits); err != nil {
		return s, err
	}
	s.Warnings, err = s.manifestWarnings()
	return s, err
}

// readFile reads no more than a package may have.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read plugin: %w", err)
	}
	defer f.Close()
	most := packaging.DefaultLimits.EncodedBytes()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("read plugin: %w", err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("read plugin: %w", &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("it is over %d bytes, more than any package may have", most)})
	}
	return data, nil
}

// manifestWarnings reads the manifest of a package again, for what is odd in it.
func (s *Subject) manifestWarnings() ([]packaging.Warning, error) {
	data, err := s.Package.Manifest.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("read plugin %s: %w", s.Path, err)
	}
	_, warnings, err := packaging.ParseManifest(data)
	if err != nil {
		return nil, fmt.Errorf("read plugin %s: %w", s.Path, err)
	}
	return warnings, nil
}
