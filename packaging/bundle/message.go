package bundle

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/innkeeper-host/innkeeper/internal/visible"
)

// Bounds on what is kept of a build's messages. A stranger's package decides
// how many there are and how long.
const (
	maxMessages = 50
	maxText     = 2000
	maxLineText = 160
	maxNotes    = 4
	maxPath     = 300
)

// A Message is one finding about a plugin's source. All of its texts are safe
// to show: control characters and those that change the direction of writing
// are escaped, and lengths are bounded.
type Message struct {
	Text     string   `json:"text"`
	File     string   `json:"file,omitempty"`   // path in the package, or "" where the whole is meant
	Line     int      `json:"line,omitempty"`   // from 1; 0 where no line is meant
	Column   int      `json:"column,omitempty"` // from 1, in bytes
	LineText string   `json:"lineText,omitempty"`
	Notes    []string `json:"notes,omitempty"`

	// Mark is where in LineText the finding lies, in bytes from 0: LineText may
	// be a cut from a longer line.
	Mark int `json:"mark,omitempty"`
}

// String is the message as a compiler prints one: place, text, code frame.
func (m Message) String() string {
	var b strings.Builder
	if m.File != "" {
		b.WriteString(m.File)
		if m.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", m.Line, m.Column)
		}
		b.WriteString(": ")
	}
	b.WriteString(m.Text)
	if m.LineText != "" {
		number := strconv.Itoa(m.Line)
		fmt.Fprintf(&b, "\n  %s | %s\n  %s | %s^", number, m.LineText,
			strings.Repeat(" ", len(number)), strings.Repeat(" ", utf8.RuneCountInString(m.LineText[:max(0, min(m.Mark, len(m.LineText)))])))
	}
	for _, n := range m.Notes {
		b.WriteString("\n  " + n)
	}
	return b.String()
}

// A BuildError says why a package could not be built or a folder not packed:
// at least one Message.
type BuildError struct {
	Messages []Message
}

// Error prints all messages, each with its place and code frame.
func (e *BuildError) Error() string {
	var b strings.Builder
	b.WriteString("build the plugin: ")
	for i, m := range e.Messages {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(m.String())
	}
	return b.String()
}

// buildError is a BuildError of one message without a place in the code.
func buildError(file, text string, notes ...string) *BuildError {
	return &BuildError{Messages: []Message{{File: visible.Clip(file, maxPath), Text: text, Notes: notes}}}
}

// messages takes esbuild's messages over, bounded.
func (b *build) messages(all []api.Message) []Message {
	var out []Message
	for i, m := range all {
		if m.Location == nil && strings.HasPrefix(m.Text, "Cannot read directory ") {
			continue // the folder that cannot exist, see nowhere.go; the import itself is reported
		}
		if len(out) == maxMessages {
			out = append(out, Message{Text: fmt.Sprintf("and %d more", len(all)-i)})
			break
		}
		out = append(out, b.message(m))
	}
	if len(all) > 0 && len(out) == 0 {
		out = append(out, Message{Text: visible.Clip(all[0].Text, maxText)})
	}
	return out
}

func (b *build) message(m api.Message) Message {
	out := Message{Text: visible.Clip(m.Text, maxText)}
	if l := m.Location; l != nil {
		file := b.named(l.File)
		if l.File == hostNamespace+":"+entryModule {
			// The host's own entry imports the plugin's: what fails there is the
			// reading of that file, or that it has no default export.
			out.File = visible.Clip(b.show(b.entry), maxPath)
			if strings.HasPrefix(m.Text, "No matching export") {
				out.Text = "The entry has no default export"
				out.Notes = []string{"export the plugin: export default { initialize(context) { … } }, or a class"}
				return out
			}
		} else {
			out.at(file, l.Line, l.Column, l.LineText)
		}
	}
	if isComputedImport(m) {
		out.Text = "Cannot bundle an import whose name is only known when the code runs"
		out.Notes = []string{"write the names out, each in an import of its own: { a: () => import(\"./a.js\"), … }"}
		return out
	}
	for _, n := range m.Notes {
		if len(out.Notes) == maxNotes {
			break
		}
		text := visible.Clip(n.Text, maxText)
		if l := n.Location; l != nil && text != "" {
			text = fmt.Sprintf("%s:%d:%d: %s", visible.Clip(b.named(l.File), maxPath), l.Line, l.Column+1, text)
		}
		if text != "" {
			out.Notes = append(out.Notes, text)
		}
	}
	return out
}

// named is the path of the plugin that esbuild means by a module's name.
func (b *build) named(module string) string {
	return b.show(strings.TrimPrefix(module, packageNamespace+":"))
}

// at puts the message at a line (from 1) and column (from 0, in bytes).
func (m *Message) at(file string, line, column int, lineText string) {
	m.File, m.Line, m.Column = visible.Clip(file, maxPath), line, column+1
	m.LineText, m.Mark = frame(lineText, column)
}

// frame cuts out of a line what lies around column, and says where column lies
// in the cut, both in bytes.
func frame(line string, column int) (string, int) {
	line = strings.TrimRight(line, "\r\n")
	column = max(0, min(column, len(line)))
	from := 0
	if len(line) > maxLineText {
		from = max(0, min(column-maxLineText/2, len(line)-maxLineText))
	}
	to := min(len(line), from+maxLineText)
	for from < to && !utf8.RuneStart(line[from]) {
		from++
	}
	before := visible.Line(strings.ReplaceAll(line[from:max(from, column)], "\t", " "))
	after := visible.Line(strings.ReplaceAll(line[max(from, column):max(to, column)], "\t", " "))
	return before + after, len(before)
}

// quote is a stranger's name in quotation marks.
func quote(s string) string { return `"` + visible.Clip(s, 200) + `"` }
