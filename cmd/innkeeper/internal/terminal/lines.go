package terminal

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/consent"
)

// Lines is the Screen for scripts: one JSON object a line.
type Lines struct {
	told told

	mu  sync.Mutex
	out *json.Encoder
}

// NewLines makes a screen that writes to out.
func NewLines(out io.Writer) *Lines {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return &Lines{out: e}
}

// Line is one object. Type says which members it has beside the time; LinesHelp
// lists them.
type Line struct {
	Type    string        `json:"type"`
	Time    time.Time     `json:"time"`
	Plugin  string        `json:"plugin,omitempty"`
	Version string        `json:"version,omitempty"`
	Message *chat.Message `json:"message,omitempty"`
	State   string        `json:"state,omitempty"`
	Reason  string        `json:"reason,omitempty"`
	Grants  []consent.Ask `json:"grants,omitzero"`
	Level   string        `json:"level,omitempty"`
	Source  string        `json:"source,omitempty"`
	Where   string        `json:"where,omitempty"`
	Name    string        `json:"name,omitempty"`
	Error   string        `json:"error,omitempty"`
	Stack   string        `json:"stack,omitempty"`
	Fatal   bool          `json:"fatal,omitempty"`
	Hint    string        `json:"hint,omitempty"`
	Text    string        `json:"text,omitempty"`
}

// LinesHelp documents what Lines writes.
const LinesHelp = `Each line is an object with "type", "time", and by type:
  message   message (the accepted message), plugin (who sent it; absent for yours)
  rejected  message (not accepted), error (why), plugin (absent for yours)
  notice    text (for you alone, such as the help of a command)
  granted   plugin, version, grants (each with grant, means, reason, limits)
  state     plugin, state, reason
  reloaded  plugin
  busy      plugin, reason (the kind of call that it did not take)
  log       level (debug, info, warn, error), plugin, source (file:line), text
  error     error, hint; of a plugin: plugin, where, name, stack, fatal (it was ended)
  hint      text (about the program itself)
Members that are empty are left out; ignore types that you do not know.
`

func (l *Lines) write(line Line) {
	if line.Time.IsZero() {
		line.Time = time.Now()
	}
	line.Time = line.Time.UTC()
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.out.Encode(line) // that the stream has broken is no news to its reader
}

// Observe writes an event.
func (l *Lines) Observe(e innkeeper.Event) {
	line := Line{Type: string(e.Type), Time: e.Time, Plugin: e.Plugin, Message: e.Message, State: string(e.State), Reason: e.Reason}
	switch e.Type {
	case innkeeper.EventRejected:
		if e.Plugin == "" {
			return // Refused tells of it
		}
		line.Error = e.Err.Error()
	case innkeeper.EventGranted:
		line.Version = e.Manifest.Version
		line.Grants = consent.Granted(consent.Asks(e.Manifest), e.Grants)
	case innkeeper.EventError:
		l.told.tell(e.Plugin, e.Err)
		line.fail(e.Err)
	}
	l.write(line)
}

// fail fills in an error.
func (line *Line) fail(err error) {
	line.Error, line.Hint = err.Error(), NextStep(err)
	var thrown *innkeeper.PluginError
	if errors.As(err, &thrown) {
		line.Plugin, line.Where, line.Name, line.Stack, line.Fatal = thrown.Plugin, thrown.Where, thrown.Name, thrown.Stack, thrown.Fatal
	}
}

// Log writes a line of a log.
func (l *Lines) Log(line LogLine) {
	level := "info"
	switch {
	case line.Level >= slog.LevelError:
		level = "error"
	case line.Level >= slog.LevelWarn:
		level = "warn"
	case line.Level < slog.LevelInfo:
		level = "debug"
	}
	l.write(Line{Type: "log", Level: level, Plugin: line.Plugin, Source: line.Source, Text: strings.TrimRight(line.Text, "\n")})
}

// Notice writes an answer to the person.
func (l *Lines) Notice(text string) { l.write(Line{Type: "notice", Text: text}) }

// Hint writes something about the program.
func (l *Lines) Hint(text string) { l.write(Line{Type: "hint", Text: text}) }

// Refused writes that a message was not accepted.
func (l *Lines) Refused(m chat.Message, err error) {
	l.write(Line{Type: "rejected", Message: &m, Error: err.Error()})
}

// Failure writes each of the errors that err joins, but for those that were
// written as events.
func (l *Lines) Failure(err error) {
	l.told.untold(err, func(e error) {
		line := Line{Type: "error"}
		line.fail(e)
		l.write(line)
	})
}
