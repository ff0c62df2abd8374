package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// terminal is the chat server of the command: it numbers messages and shows
// those of others.
type terminal struct {
	screen *screen

	mu   sync.Mutex
	last int
}

// SendMessage implements chat.App.
func (t *terminal) SendMessage(_ context.Context, m chat.Message) (chat.Message, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	m.ID = strconv.Itoa(t.last)
	if m.Author.Bot && t.screen != nil {
		t.screen.message(m)
	}
	return m, nil
}

// Describe implements chat.Describer.
func (t *terminal) Describe() chat.Info {
	return chat.Info{Name: "innkeeper", Version: version(), Features: []string{}}
}

// screen is where a chat is shown: answers on standard output, the rest on
// standard error; as JSON, everything on standard output. Its methods may be
// called from any goroutine.
type screen struct {
	asJSON bool

	mu       sync.Mutex
	out, err io.Writer
	ink      ink // of standard output
	errInk   ink // of standard error
}

func newScreen(asJSON bool) *screen {
	return &screen{asJSON: asJSON, out: os.Stdout, err: os.Stderr, ink: newInk(os.Stdout), errInk: newInk(os.Stderr)}
}

// line is one JSON object of run --json.
type line struct {
	Type    string        `json:"type"`
	Message *chat.Message `json:"message,omitempty"`
	Plugin  string        `json:"plugin,omitempty"`
	Text    string        `json:"text,omitempty"`
	Reason  string        `json:"reason,omitempty"`
	State   string        `json:"state,omitempty"`
	Grants  []string      `json:"grants,omitempty"`
	Level   string        `json:"level,omitempty"`
	Source  string        `json:"source,omitempty"`
	Where   string        `json:"where,omitempty"`
	Stack   string        `json:"stack,omitempty"`
}

// show prints one thing: as JSON, or as text to the given writer. A terminal
// that is gone cannot be told of, so errors have nowhere to go.
func (s *screen) show(to io.Writer, l line, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asJSON {
		_ = printJSON(s.out, l)
		return
	}
	_, _ = fmt.Fprintln(to, strings.TrimRight(text, "\n"))
}

func (s *screen) message(m chat.Message) {
	s.show(s.out, line{Type: "message", Message: &m}, s.ink.name(shown(m.Author.Name)+":")+" "+shown(m.Content))
}

func (s *screen) notice(text string) { s.show(s.out, line{Type: "notice", Text: text}, shown(text)) }

// hint is for a person at a terminal; JSON has no use for it.
func (s *screen) hint(text string) {
	if !s.asJSON {
		s.show(s.err, line{}, s.errInk.dim(text))
	}
}

func (s *screen) rejected(err error) {
	l := line{Type: "rejected", Reason: err.Error()}
	s.show(s.err, l, s.errInk.warn("not sent: ")+shown(err.Error()))
}

// problem is an error with what its author needs to find it.
func (s *screen) problem(plugin, where, text, stack string) {
	full := s.errInk.bad("error: ") + shown(text)
	if stack != "" {
		full += "\n    at " + strings.ReplaceAll(shown(stack), "\n", "\n    at ")
	}
	s.show(s.err, line{Type: "error", Plugin: plugin, Where: where, Text: text, Stack: stack}, full)
}

// Observe implements innkeeper.Observer: of what happens, a person wants to see
// grants and what does not go by itself.
func (s *screen) Observe(e innkeeper.Event) {
	switch e.Type {
	case innkeeper.EventGranted:
		s.show(s.err, line{Type: "granted", Plugin: e.Plugin, Grants: e.Grants}, s.granted(e))
	case innkeeper.EventState:
		if s.asJSON {
			s.show(s.out, line{Type: "state", Plugin: e.Plugin, State: string(e.State), Reason: e.Reason}, "")
		} else if e.State == innkeeper.StateError || strings.HasPrefix(e.Reason, "restart") {
			s.show(s.err, line{}, fmt.Sprintf("%s is %s: %s", s.errInk.name(e.Plugin), e.State, shown(e.Reason)))
		}
	}
}

func (s *screen) granted(e innkeeper.Event) string {
	if len(e.Grants) == 0 {
		return s.errInk.name(e.Plugin) + " asks for no permission."
	}
	text := s.errInk.name(e.Plugin) + " is granted:"
	for _, word := range e.Grants {
		if g, err := packaging.ParseGrant(word); err == nil {
			text += fmt.Sprintf("\n  %-20s %s", word, meaning(g.Resource, g.Action))
		}
	}
	return text
}

// logLines is the slog.Handler of run: what plugins log, and what the host has
// to say of them.
type logLines struct{ screen *screen }

func (l logLines) Enabled(context.Context, slog.Level) bool { return true }

func (l logLines) Handle(_ context.Context, r slog.Record) error {
	attrs := map[string]string{}
	r.Attrs(func(a slog.Attr) bool {
		attrs[a.Key] = a.Value.String()
		return true
	})
	s := l.screen
	plugin := attrs["plugin"]
	if where, ok := attrs["where"]; ok { // an error of a plugin's
		s.problem(plugin, where, plugin+": "+where+": "+attrs["error"], attrs["stack"])
		return nil
	}
	text := r.Message
	if attrs["error"] != "" {
		text += ": " + attrs["error"]
	}
	level := strings.ToLower(r.Level.String())
	place := plugin
	if attrs["source"] != "" {
		place += " " + attrs["source"]
	}
	s.show(s.err, line{Type: "log", Plugin: plugin, Level: level, Text: text, Source: attrs["source"]},
		s.levelInk(r.Level, fmt.Sprintf("%-5s", level))+" "+s.errInk.dim(shown(place))+"  "+shown(text))
	return nil
}

func (s *screen) levelInk(l slog.Level, text string) string {
	switch {
	case l >= slog.LevelError:
		return s.errInk.bad(text)
	case l >= slog.LevelWarn:
		return s.errInk.warn(text)
	default:
		return s.errInk.dim(text)
	}
}

func (l logLines) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l logLines) WithGroup(string) slog.Handler      { return l }
