// Package problem says what is wrong in a plugin and where, for people and for
// editors.
//
// The vocabulary:
//
//   - Problem: one thing, with file, line, column and the line itself.
//   - Level: an error keeps a plugin from running, a warning does not.
//   - field: the member of a manifest that a problem is about; its place in the
//     file is found here, for package packaging knows values, not lines.
//
// It must never decide whether something is wrong: packaging and bundle do.
package problem

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/innkeeper-host/innkeeper/internal/visible"
	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

// Level says how bad a Problem is.
type Level string

// The levels.
const (
	Error   Level = "error"
	Warning Level = "warning"
)

// Problem is one thing that is wrong. Its Message is safe to show.
type Problem struct {
	Level Level `json:"level"`
	bundle.Message
}

// String is the problem as a compiler prints one: place, text, code frame.
func (p Problem) String() string {
	m := p.Message
	if p.Level == Warning {
		m.Text = "warning: " + m.Text
	}
	return m.String()
}

// Of lists what an error says about the plugin at path (a folder or a package
// file).
func Of(path string, err error) []Problem {
	var build *bundle.BuildError
	var manifest *packaging.ManifestError
	var file *packaging.PackageError
	switch {
	case errors.As(err, &build):
		out := make([]Problem, len(build.Messages))
		for i, m := range build.Messages {
			out[i] = Problem{Error, placed(path, m)}
		}
		return out
	case errors.As(err, &manifest):
		return ofManifest(path, manifest)
	case errors.As(err, &file):
		return []Problem{{Error, bundle.Message{File: visible.Line(path), Text: visible.Text(file.Error())}}}
	}
	p := Problem{Error, bundle.Message{Text: visible.Text(err.Error())}}
	if errors.Is(err, fs.ErrNotExist) {
		p.Notes = []string{"name a plugin's folder, which has a manifest.json, or a package file (NAME-VERSION.plugin.json)"}
	}
	if !strings.Contains(p.Text, path) {
		p.File = visible.Line(path)
	}
	return []Problem{p}
}

func ofManifest(path string, e *packaging.ManifestError) []Problem {
	places := manifestPlaces(path)
	var out []Problem
	for _, p := range e.Problems {
		m := places.message(p.Field, false)
		m.Text = visible.Text(p.String())
		out = append(out, Problem{Error, m})
	}
	if e.Full {
		out = append(out, Problem{Error, bundle.Message{File: places.file, Text: "and perhaps more: these are as many as are looked for at once"}})
	}
	return out
}

// OfWarnings lists what is odd about the plugin at path. built are the warnings of
// its bundle, which know the line of code.
func OfWarnings(path string, warnings []packaging.Warning, built []bundle.Message) []Problem {
	var out []Problem
	texts := map[string]bool{}
	for _, m := range built {
		texts[m.Text] = true
		out = append(out, Problem{Warning, placed(path, m)})
	}
	places := manifestPlaces(path)
	for _, w := range warnings {
		if texts[w.Message] {
			continue // it is the bundle's
		}
		m := places.message(w.Field, true)
		m.Text = visible.Text(w.String())
		out = append(out, Problem{Warning, m})
	}
	return out
}

// placed names the file as the person who called the command would: a file of a
// folder by its path, one inside a package by the package's path and its own.
func placed(path string, m bundle.Message) bundle.Message {
	switch {
	case m.File == "":
		m.File = visible.Line(path)
	case isFolder(path):
		m.File = visible.Line(filepath.Join(path, filepath.FromSlash(m.File)))
	default:
		m.File = visible.Line(path) + ": " + m.File
	}
	return m
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
