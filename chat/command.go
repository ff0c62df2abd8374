package chat

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// CommandOption is one value that a command takes. Type is "string" (the
// default), "number", "integer" or "boolean".
type CommandOption struct {
	Name        string   `json:"name"`
	Type        string   `json:"type,omitempty"`
	Description string   `json:"description,omitempty"`
	Required    bool     `json:"required,omitempty"`
	Choices     []string `json:"choices,omitempty"`
}

// ErrUsage is the reason of every error that Command.Parse returns: what was
// typed does not fit the command's options.
var ErrUsage = errors.New("wrong use of the command")

// Usage is the command's one-line help, such as "/remind WHEN [TEXT]".
func (c Command) Usage() string {
	var b strings.Builder
	b.WriteString("/" + c.Shown)
	for _, o := range c.Options {
		word := strings.ToUpper(o.Name)
		if len(o.Choices) > 0 {
			word = strings.Join(o.Choices, "|")
		}
		if o.Required {
			b.WriteString(" " + word)
		} else {
			b.WriteString(" [" + word + "]")
		}
	}
	return b.String()
}

// Help is the text that "/name --help" shows: usage, description, options.
func (c Command) Help() string {
	var b strings.Builder
	b.WriteString(c.Usage())
	if c.Description != "" {
		b.WriteString("\n" + c.Description)
	}
	for _, o := range c.Options {
		fmt.Fprintf(&b, "\n  %s", strings.ToUpper(o.Name))
		if o.Description != "" {
			b.WriteString("  " + o.Description)
		}
	}
	return b.String()
}

// Check refuses options that no line could ever fill: a name twice, an unknown
// type, a required option after an optional one.
func (c Command) Check() error {
	seen := map[string]bool{}
	optional := ""
	for i, o := range c.Options {
		switch {
		case o.Name == "":
			return fmt.Errorf("options[%d].name: found nothing, wanted a name", i)
		case seen[o.Name]:
			return fmt.Errorf("options[%d].name: %q is there twice", i, o.Name)
		case o.Type != "" && o.Type != "string" && o.Type != "number" && o.Type != "integer" && o.Type != "boolean":
			return fmt.Errorf("options[%d].type: found %q, wanted string, number, integer or boolean", i, o.Type)
		case o.Required && optional != "":
			return fmt.Errorf("options[%d]: %q is required but comes after the optional %q", i, o.Name, optional)
		}
		seen[o.Name] = true
		if !o.Required {
			optional = o.Name
		}
	}
	return nil
}

// Parse reads what was typed after the command's name into values by option
// name. Words are taken in order; quotes keep a word together; NAME=VALUE sets
// an option out of order; the last string option takes the rest of the line as
// it was typed. The error names the option and is an ErrUsage.
func (c Command) Parse(line string) (map[string]any, error) {
	values := map[string]any{}
	rest := strings.TrimSpace(line)
	next := 0
	for rest != "" {
		for next < len(c.Options) && has(values, c.Options[next].Name) {
			next++
		}
		if o := c.named(rest); o != nil {
			word, after := cutWord(rest[len(o.Name)+1:])
			if err := o.set(values, word); err != nil {
				return nil, err
			}
			rest = after
			continue
		}
		if next >= len(c.Options) {
			return nil, fmt.Errorf("%w: %q is more than it takes", ErrUsage, rest)
		}
		o := &c.Options[next]
		word, after := cutWord(rest)
		if next == len(c.Options)-1 && o.text() && after != "" {
			word, after = rest, ""
		}
		if err := o.set(values, word); err != nil {
			return nil, err
		}
		rest = after
	}
	for _, o := range c.Options {
		if o.Required && !has(values, o.Name) {
			return nil, fmt.Errorf("%w: %s is missing", ErrUsage, strings.ToUpper(o.Name))
		}
	}
	return values, nil
}

func (c Command) named(rest string) *CommandOption {
	for i := range c.Options {
		if strings.HasPrefix(rest, c.Options[i].Name+"=") {
			return &c.Options[i]
		}
	}
	return nil
}

func (o *CommandOption) text() bool {
	return (o.Type == "" || o.Type == "string") && len(o.Choices) == 0
}

func (o *CommandOption) set(values map[string]any, word string) error {
	wrong := func(wanted string) error {
		return fmt.Errorf("%w: %s is %q, wanted %s", ErrUsage, strings.ToUpper(o.Name), word, wanted)
	}
	if len(o.Choices) > 0 {
		found := false
		for _, choice := range o.Choices {
			found = found || choice == word
		}
		if !found {
			return wrong("one of " + strings.Join(o.Choices, ", "))
		}
	}
	switch o.Type {
	case "number", "integer":
		n, err := strconv.ParseFloat(word, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return wrong("a number")
		}
		if o.Type == "integer" && n != math.Trunc(n) {
			return wrong("a whole number")
		}
		values[o.Name] = n
	case "boolean":
		switch strings.ToLower(word) {
		case "yes", "true", "on", "1":
			values[o.Name] = true
		case "no", "false", "off", "0":
			values[o.Name] = false
		default:
			return wrong("yes or no")
		}
	default:
		values[o.Name] = word
	}
	return nil
}

func has(values map[string]any, name string) bool { _, ok := values[name]; return ok }

// cutWord takes the first word off a line; quotes keep blanks inside it.
func cutWord(line string) (word, rest string) {
	if line == "" {
		return "", ""
	}
	if q := line[0]; q == '"' || q == '\'' {
		if end := strings.IndexByte(line[1:], q); end >= 0 {
			return line[1 : 1+end], strings.TrimSpace(line[end+2:])
		}
	}
	if i := strings.IndexAny(line, " \t\n"); i >= 0 {
		return line[:i], strings.TrimSpace(line[i:])
	}
	return line, ""
}
