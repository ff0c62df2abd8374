package terminal

import (
	"errors"
	"io/fs"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/internal/visible"
	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

// NextStep says what to do about an error, or "" where its own text does or
// nobody knows.
func NextStep(err error) string {
	var missing *innkeeper.MissingError
	var manifest *packaging.ManifestError
	var build *bundle.BuildError
	switch {
	case errors.As(err, &missing):
		needs := visible.Line(missing.Needs)
		return "Name that plugin too: innkeeper run PATH PATH-OF-" + needs + "; or keep it: innkeeper install PATH-OF-" + needs
	case errors.As(err, &manifest), errors.As(err, &build):
		return "innkeeper check PATH lists everything that is wrong, with its place."
	case errors.Is(err, fs.ErrNotExist):
		return "Name a plugin's folder, which has a manifest.json, or a package file (NAME-VERSION.plugin.json)."
	case errors.Is(err, innkeeper.ErrTimedOut):
		return "Its JavaScript ran too long without a pause; look for a loop that does not end."
	}
	return ""
}
