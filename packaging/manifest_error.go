package packaging

import (
	"fmt"
	"strings"
)

// Warning is something in a manifest that is allowed and probably not meant.
type Warning struct {
	Field   string // path of the member, such as "permissions[0].reasons"
	Message string
}

func (w Warning) String() string { return w.Field + ": " + w.Message }

// Problem is one thing that is wrong in a manifest.
type Problem struct {
	Field  string // path of the member, such as "permissions[0].actions[1]"; "" is the whole file
	Found  string // what stands there
	Wanted string // what may stand there, with the nearest known name where there is one
}

func (p Problem) String() string {
	place := p.Field
	if place != "" {
		place += ": "
	}
	return place + "found " + p.Found + ", wanted " + p.Wanted
}

// ManifestError says everything that is wrong in a manifest at once.
type ManifestError struct {
	Problems []Problem // never empty, at most 32
	Full     bool      // there were that many, and nothing was looked at after them
}

func (e *ManifestError) Error() string {
	lines := make([]string, 0, len(e.Problems)+1)
	for _, p := range e.Problems {
		lines = append(lines, p.String())
	}
	if e.Full {
		lines = append(lines, "and perhaps more")
	}
	if len(lines) == 1 {
		return "Invalid manifest: " + lines[0]
	}
	return fmt.Sprintf("Invalid manifest, %d problems:\n  %s", len(e.Problems), strings.Join(lines, "\n  "))
}

// What people read and logs keep is bounded, and so is the work of finding what
// a stranger's field was probably meant to be.
const (
	maxProblems = 32
	maxWarnings = 32
)
