package syntax

import (
	"errors"
	"fmt"
	"regexp"
	resyntax "regexp/syntax"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
)

type fileIdx = file.Idx

// regExp looks at one regular expression. literal tells /x/ from new RegExp:
// the engine compiles literals before the script runs.
func (w *walker) regExp(at fileIdx, pattern, flags string, literal bool) {
	if len(w.findings) >= maxFindings {
		return
	}
	construct, text, hint, effect := checkRegExp(pattern, flags)
	if construct == "" {
		return
	}
	if literal && effect == Throws {
		effect = Refused
	}
	line, column := position(w.code, at)
	w.findings = append(w.findings, Finding{Construct: construct, Text: text, Hint: hint, Effect: effect, Line: line, Column: column})
}

// checkRegExp says what the engine makes of a regular expression. An empty
// construct means that it takes it as the language means it.
func checkRegExp(pattern, flags string) (construct, text, hint string, effect Effect) {
	unicode := false
	for i, f := range flags {
		switch {
		case f == 'd':
			return "regular expression flag d",
				"The flag d of a regular expression (match indices) is not supported",
				"use `match.index` and the lengths of the groups", Throws
		case f == 'v':
			return "regular expression flag v",
				"The flag v of a regular expression (set notation) is not supported",
				"use the flag u, and write sets as alternatives: (?:[a-z]|…)", Throws
		case !strings.ContainsRune("gimsuy", f) || strings.ContainsRune(flags[:i], f):
			return "regular expression flags",
				fmt.Sprintf("The regular expression has wrong flags: %q", flags), "", Throws
		case f == 'u':
			unicode = true
		}
	}
	if unicode && hasEscape(pattern, "pP") {
		return `regular expression property escape \p{…}`,
			`\p{…} in a regular expression (Unicode properties) is not supported: the engine would read it as the letter p`,
			`list the characters that are meant, such as [A-Za-zÀ-ɏ]`, Wrong
	}
	if at := modifierGroup(pattern); at != "" {
		return "regular expression modifiers (?i:…)",
			fmt.Sprintf("%s in a regular expression (modifiers) is not supported", at),
			"give the flag to the whole expression, or write both cases: [aA]", Throws
	}
	if err := compile(pattern, flags, unicode); err != nil {
		return "regular expression",
			fmt.Sprintf("The regular expression cannot be compiled: %v", err), "", Throws
	}
	return "", "", "", 0
}

// hasEscape reports whether the pattern holds a backslash followed by one of
// letters.
func hasEscape(pattern, letters string) bool {
	for i := 0; i+1 < len(pattern); i++ {
		if pattern[i] == '\\' {
			if strings.IndexByte(letters, pattern[i+1]) >= 0 {
				return true
			}
			i++
		}
	}
	return false
}

var modifier = regexp.MustCompile(`^\(\?[ims]*(-[ims]*)?:`)

// modifierGroup is the opening of the first group with modifiers, outside of
// character classes.
func modifierGroup(pattern string) string {
	class := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			i++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '(' && !class:
			if m := modifier.FindString(pattern[i:]); m != "" && m != "(?:" {
				return m
			}
		}
	}
	return ""
}

// compile does what the engine does with a pattern, in the same order: Go's
// regexp where the pattern allows it, else regexp2.
func compile(pattern, flags string, unicode bool) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the compiler failed: %v", v)
		}
	}()
	has := func(f string) bool { return strings.Contains(flags, f) }
	if !unicode {
		pattern = astralToUTF16(pattern)
	}
	re2, err := parser.TransformRegExp(pattern, has("s"), unicode)
	if err == nil {
		_, err = regexp.Compile(re2)
		var wrong *resyntax.Error
		if err == nil || !errors.As(err, &wrong) || wrong.Code != resyntax.ErrInvalidRepeatSize {
			return err
		}
	} else if incompatible := (parser.RegexpErrorIncompatible{}); !errors.As(err, &incompatible) {
		return err
	}
	options := regexp2.ECMAScript
	if has("m") {
		options |= regexp2.Multiline
	}
	if has("s") {
		options |= regexp2.Singleline
	}
	if has("i") {
		options |= regexp2.IgnoreCase
	}
	if unicode {
		options |= regexp2.Unicode
	}
	_, err = regexp2.Compile(pattern, options)
	return err
}

// astralToUTF16 writes characters beyond U+FFFF as pairs of escapes, as the
// engine does where a pattern has no flag u.
func astralToUTF16(pattern string) string {
	var b strings.Builder
	for _, r := range pattern {
		if r > 0xFFFF && r <= utf8.MaxRune {
			first, second := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, first, second)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
