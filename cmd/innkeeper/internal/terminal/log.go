package terminal

import (
	"context"
	"log/slog"
	"strings"
)

// handler brings a log to a Screen.
type handler struct {
	screen Screen
	level  slog.Level
	attrs  []slog.Attr
	group  string
}

// NewLogger makes the log of a host whose events the screen observes: what the
// host tells as an event as well is shown once.
func NewLogger(screen Screen, level slog.Level) *slog.Logger {
	return slog.New(&handler{screen: screen, level: level})
}

func (h *handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

// toldAsEvents are the records that an innkeeper.Event tells too.
var toldAsEvents = map[string]bool{"plugin error": true, "a plugin did not take a call": true}

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	if toldAsEvents[r.Message] {
		return nil
	}
	line := LogLine{Level: r.Level, Text: r.Message}
	var rest strings.Builder
	take := func(a slog.Attr) bool {
		switch a.Key {
		case "plugin":
			line.Plugin = a.Value.String()
		case "source":
			line.Source = a.Value.String()
		default:
			rest.WriteString(" " + a.String())
		}
		return true
	}
	for _, a := range h.attrs {
		take(a)
	}
	r.Attrs(func(a slog.Attr) bool {
		a.Key = h.group + a.Key
		return take(a)
	})
	line.Text += rest.String()
	h.screen.Log(line)
	return nil
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *h
	next.attrs = append([]slog.Attr{}, h.attrs...)
	for _, a := range attrs {
		a.Key = h.group + a.Key
		next.attrs = append(next.attrs, a)
	}
	return &next
}

func (h *handler) WithGroup(name string) slog.Handler {
	next := *h
	next.group += name + "."
	return &next
}
