// Package visible makes text that a plugin wrote safe to show to people. What
// could move a cursor, colour a terminal, or turn the direction of the line
// around is shown as an escape instead. It knows nothing of where the text
// comes from or goes.
package visible

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text escapes control and bidirectional characters but keeps line breaks and
// tabs.
func Text(s string) string { return escape(s, true) }

// Line is Text for something that must stay on one line: line breaks and tabs
// are escaped too.
func Line(s string) string { return escape(s, false) }

func escape(s string, lines bool) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i, r := range s {
		switch {
		case lines && (r == '\n' || r == '\t'):
			b.WriteRune(r)
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case hidden(r):
			if r > 0xFFFF {
				fmt.Fprintf(&b, `\U%08x`, r)
			} else {
				fmt.Fprintf(&b, `\u%04x`, r)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plain reports that a text is printable ASCII, which most are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// hidden reports a character that shows nothing by itself and changes how others
// are shown. Zero-width joiners stay: scripts and emoji need them.
func hidden(r rune) bool {
	switch {
	case unicode.IsControl(r):
		return true
	case r == 0x061C, r == 0x200E, r == 0x200F: // marks of direction
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069: // embeddings, overrides, isolates
		return true
	case r == 0x2028, r == 0x2029: // separators of lines and paragraphs
		return true
	case r >= 0xE0000 && r <= 0xE007F: // tags
		return true
	}
	return false
}
