package packaging

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// Activation is the compiled form of a manifest's activation: which messages and
// events reach a plugin. Its own commands do whether or not "command:NAME" is
// there, and every plugin starts with the host as "startup" asks: those two say
// nothing more. It grants nothing. The zero value and nil are the activation of a
// plugin that names none: everything reaches it.
// It never changes, and may be used by many goroutines at once.
type Activation struct {
	words    int
	prefixes []string
	patterns []*regexp.Regexp
	events   map[string]bool
}

const (
	maxPatternBytes = 256
	// maxPatternSteps bounds what one message can cost in one expression: RE2
	// takes at most about this many steps for each byte of the message.
	maxPatternSteps = 300
)

// ParseActivation compiles the words of a manifest's activation; none give an
// empty one. The error names the first word that is wrong.
func ParseActivation(words []string) (*Activation, error) {
	a := &Activation{words: len(words), events: map[string]bool{}}
	for i, word := range words {
		if wanted := wrongActivation(word); wanted != "" {
			return nil, &ManifestError{Problems: []Problem{{fmt.Sprintf("activation[%d]", i), clip(word), wanted}}}
		}
		kind, rest, _ := strings.Cut(word, ":")
		switch kind {
		case "event":
			a.events[rest] = true
		case "message":
			if source, ok := patternSource(rest); ok {
				a.patterns = append(a.patterns, regexp.MustCompile(source))
			} else {
				a.prefixes = append(a.prefixes, rest)
			}
		}
	}
	return a, nil
}

// Empty reports whether nothing was named: the plugin starts with the host and
// everything that it may see reaches it.
func (a *Activation) Empty() bool { return a == nil || a.words == 0 }

// MatchMessage reports whether a message with this content reaches the plugin.
func (a *Activation) MatchMessage(content string) bool {
	if a.Empty() {
		return true
	}
	for _, p := range a.prefixes {
		if strings.HasPrefix(content, p) {
			return true
		}
	}
	for _, p := range a.patterns {
		if p.MatchString(content) {
			return true
		}
	}
	return false
}

// MatchEvent reports whether the event of this name reaches the plugin.
func (a *Activation) MatchEvent(name string) bool { return a.Empty() || a.events[name] }

// patternSource gives RE of "/RE/".
func patternSource(s string) (string, bool) {
	if len(s) < 2 || s[0] != '/' || s[len(s)-1] != '/' {
		return "", false
	}
	return s[1 : len(s)-1], true
}

// wrongActivation says what a word of an activation should have been, or "".
func wrongActivation(word string) string {
	kind, rest, colon := strings.Cut(word, ":")
	switch {
	case word == "startup":
		return ""
	case kind == "message" && colon:
		return wrongMessageWord(rest)
	case kind == "event" && colon:
		if rest != "" {
			return ""
		}
		return "event:NAME"
	case kind == "command" && colon:
		if commandPattern().MatchString(rest) {
			return ""
		}
		return "command:NAME, the name without its slash"
	}
	wanted := `"message:PREFIX", "message:/RE2/", "event:NAME", "command:NAME" or "startup"`
	if near := nearest(kind, []string{"message", "event", "command", "startup"}); near != "" {
		wanted += fmt.Sprintf("; did you mean %q?", near)
	}
	return wanted
}

func wrongMessageWord(rest string) string {
	if rest == "" {
		return "message:PREFIX, such as \"message:!weather\" (without activation every message comes)"
	}
	source, ok := patternSource(rest)
	if !ok {
		return ""
	}
	if source == "" {
		return "an expression between the slashes"
	}
	if len(source) > maxPatternBytes {
		return fmt.Sprintf("an expression of at most %d bytes", maxPatternBytes)
	}
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return "a regular expression of RE2 (" + printable(err.Error()) + ")"
	}
	if steps := patternSteps(tree); steps > maxPatternSteps {
		return fmt.Sprintf("a cheaper expression: with its repeats written out it has %d steps, of at most %d", steps, maxPatternSteps)
	}
	return ""
}

// patternSteps is about how many instructions an expression compiles to.
func patternSteps(re *syntax.Regexp) int {
	steps := 1
	if re.Op == syntax.OpLiteral {
		steps = len(re.Rune)
	}
	for _, sub := range re.Sub {
		steps += patternSteps(sub)
	}
	if re.Op == syntax.OpRepeat {
		steps *= max(re.Min, re.Max, 1)
	}
	return steps
}

// oddActivation warns of words that are a prefix and look like an expression.
func (c *manifestCheck) oddActivation(words []string) {
	for i, word := range words {
		if rest, ok := strings.CutPrefix(word, "message:"); ok && flagsAfterPattern().MatchString(rest) {
			c.warn(fmt.Sprintf("activation[%d]", i), "is taken as a prefix; flags of an expression are written inside, as in message:/(?i)hello/")
		}
	}
}
