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
// bundle.Open.
func Read(path string) (*Subject, error) {
	s := &Subject{Path: path}
	var err error
	if s.Package, s.Warnings, err = bundle.Open(path, bundle.PackOptions{}); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	s.Folder = err == nil && info.IsDir()
	return s, nil
}
