package packaging

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxPathBytes keeps what is done for each folder of a path cheap.
const maxPathBytes = 1000

// ValidPath refuses a path that cannot be a file of a package on every system:
// one that is empty, longer than 1,000 bytes, absolute, climbs, is not UTF-8, has a backslash, a colon,
// a NUL or an empty or "." part, or is the name of a Windows device. The error
// is a *PackageError with RulePath.
func ValidPath(p string) error {
	if wrong := wrongFilePath(p); wrong != "" {
		return &PackageError{Rule: RulePath, Path: p, Detail: wrong}
	}
	return nil
}

func wrongFilePath(p string) string {
	switch {
	case p == "":
		return "the path is empty"
	case !utf8.ValidString(p):
		return "the path is not UTF-8"
	case len(p) > maxPathBytes:
		return fmt.Sprintf("the path has %d bytes, of at most %d", len(p), maxPathBytes)
	case p[0] == '/':
		return "the path is absolute"
	case strings.Contains(p, `\`):
		return "the path has a backslash: write /"
	case strings.Contains(p, ":"):
		return "the path has a colon"
	case strings.Contains(p, "\x00"):
		return "the path has a NUL"
	}
	for part := range strings.SplitSeq(p, "/") {
		switch {
		case part == "":
			return "the path has an empty part"
		case part == "..":
			return "the path climbs out of the package"
		case windowsName(part) == "":
			return "the path has a part of only dots and blanks"
		case isDevice(part):
			return "the path has a part that Windows keeps for a device"
		}
	}
	return ""
}

// windowsName is a part as Windows would open it.
func windowsName(part string) string { return strings.TrimRight(part, ". ") }

// isDevice reports whether Windows opens a device instead of a file: its names
// count in any case, with any extension, and with blanks before that.
func isDevice(part string) bool {
	base, _, _ := strings.Cut(part, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	for _, port := range []string{"COM", "LPT"} {
		if rest, ok := strings.CutPrefix(base, port); ok {
			switch rest {
			case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
				return true
			}
		}
	}
	return false
}

// foldPath gives the same text for two paths that one of the usual file
// systems takes for the same: but for case, for Unicode form, and for dots and
// blanks at the end of a part.
func foldPath(p string) string {
	ascii := true
	for i := range len(p) {
		ascii = ascii && p[i] < utf8.RuneSelf
	}
	if ascii {
		p = strings.ToUpper(p) // what foldRune gives
	} else {
		p = norm.NFC.String(strings.Map(foldRune, cases.Fold().String(norm.NFD.String(p))))
	}
	if !strings.ContainsAny(p, ". ") {
		return p
	}
	parts := strings.Split(p, "/")
	for i, part := range parts {
		parts[i] = windowsName(part)
	}
	return strings.Join(parts, "/")
}

// foldRune is the least of all letters that differ from r but for case. It
// makes up for cases.Fold, which exchanges the two cases of Cherokee.
func foldRune(r rune) rune {
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return least
}

// pathSet finds paths that cannot stand beside each other in one package.
type pathSet struct {
	files   map[string]string // folded path to the path as written
	folders map[string]string // folded folder to a path below it
}

func newPathSet() *pathSet {
	return &pathSet{files: map[string]string{}, folders: map[string]string{}}
}

// add refuses a path that is wrong, repeats another, or is a file where
// another path has a folder.
func (s *pathSet) add(p string) error {
	if err := ValidPath(p); err != nil {
		err.(*PackageError).Where = "files"
		return err
	}
	folded := foldPath(p)
	clash := func(other, why string) error {
		return &PackageError{Rule: RuleDuplicatePath, Where: "files", Path: p, Detail: why + " " + clip(other)}
	}
	if other, ok := s.files[folded]; ok {
		return clash(other, "the path repeats, but for case or Unicode form,")
	}
	if other, ok := s.folders[folded]; ok {
		return clash(other, "the path is a file here and a folder in")
	}
	s.files[folded] = p
	for i, c := range folded {
		if c != '/' {
			continue
		}
		folder := folded[:i]
		if other, ok := s.files[folder]; ok {
			return clash(other, "the path has a folder that is a file in")
		}
		if _, known := s.folders[folder]; !known {
			s.folders[folder] = p
		}
	}
	return nil
}
