// Package visible makes text that a stranger wrote safe to show to people. What
// could move a cursor, colour a terminal, turn the direction of the line around
// or hide itself is shown as an escape instead.
//
//   - Text: keeps its lines.
//   - Line: must stay on one line.
//   - Clip: a Line of a bounded length, for an error or a table.
//
// It must never know where the text comes from or goes.
package visible

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text escapes control, bidirectional and invisible characters, and bytes that
// are no UTF-8, but keeps line breaks and tabs.
func Text(s string) string { return escape(s, true) }

// Line is Text for something that must stay on one line: line breaks and tabs
// are escaped too.
func Line(s string) string { return escape(s, false) }

// Clip is Line for a text that may be long: what lies behind its first bytes, as
// many as most says, is shown as one "…".
func Clip(s string, most int) string {
	if len(s) <= most {
		return Line(s)
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return Line(s[:most]) + "…"
}

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
		case !hidden(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
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

// hidden reports a character that shows nothing by itself or changes how others
// are shown: controls, separators of lines, and of the formatting characters
// (category Cf: direction, tags, zero-width spaces) all but the joiners, which
// scripts and emoji need, and the marks that are drawn.
func hidden(r rune) bool {
	switch {
	case unicode.IsControl(r), r == 0x2028, r == 0x2029:
		return true
	case unicode.Is(unicode.Cf, r):
		return !unicode.Is(unicode.Join_Control, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
	}
	return false
}
