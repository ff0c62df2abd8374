package terminal

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/fatih/color"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/consent"
	"github.com/innkeeper-host/innkeeper/internal/visible"
)

// Plain is the Screen for people.
type Plain struct {
	channel string

	told told

	mu  sync.Mutex
	out io.Writer
	err io.Writer

	name, bad, odd, faint *color.Color
}

// NewPlain makes a screen whose answers go to out, and all else to err. Messages
// in other channels than channel are marked. Colours are used for either stream
// that is a terminal which wants them.
func NewPlain(out, err io.Writer, channel string) *Plain {
	p := &Plain{channel: channel, out: out, err: err}
	p.name = paint(out, color.FgCyan, color.Bold)
	p.bad = paint(err, color.FgRed)
	p.odd = paint(err, color.FgYellow)
	p.faint = paint(err, color.Faint)
	return p
}

// show writes whole lines. That a stream has broken is no news to anyone who
// could read it.
func (p *Plain) show(w io.Writer, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = io.WriteString(w, text+"\n")
}

// Observe shows an event.
func (p *Plain) Observe(e innkeeper.Event) {
	name := visible.Line(e.Plugin)
	switch e.Type {
	case innkeeper.EventMessage:
		if e.Plugin != "" {
			p.answer(*e.Message)
		}
	case innkeeper.EventGranted:
		p.granted(e)
	case innkeeper.EventState:
		p.state(e)
	case innkeeper.EventError:
		p.told.tell(e.Plugin, e.Err)
		p.show(p.err, p.failure(e.Err))
	case innkeeper.EventRejected:
		if e.Plugin != "" {
			p.show(p.err, p.odd.Sprint(name+": its message was not sent: ")+visible.Text(e.Err.Error()))
		}
	case innkeeper.EventBusy:
		p.show(p.err, p.odd.Sprint(name+": too much is waiting for it; left out: ")+visible.Line(e.Reason))
	case innkeeper.EventReloaded:
		p.show(p.err, p.faint.Sprint(name+": reloaded"))
	}
}

// answer shows a plugin's message. Lines after the first are moved in, so that
// none of them looks like a message of someone else.
func (p *Plain) answer(m chat.Message) {
	name := p.name.Sprint(visible.Line(m.Author.Name))
	if m.Channel != p.channel {
		name += " [" + visible.Line(m.Channel) + "]"
	}
	p.show(p.out, name+": "+indent(visible.Text(m.Content)))
}

func (p *Plain) granted(e innkeeper.Event) {
	var b strings.Builder
	who := plugin(e.Manifest.DisplayName, e.Manifest.Name, e.Manifest.Version)
	asks := consent.Asks(e.Manifest)
	granted := consent.Granted(asks, e.Grants)
	if len(granted) == 0 {
		b.WriteString(who + " runs without any permission.\n")
	} else {
		b.WriteString(who + " may:\n")
		_ = consent.Write(&b, granted) // a strings.Builder takes everything
	}
	p.show(p.err, strings.TrimSuffix(b.String(), "\n"))
}

// state shows the states that a person has to know of.
func (p *Plain) state(e innkeeper.Event) {
	name := visible.Line(e.Plugin)
	switch {
	case e.State == innkeeper.StateError && e.Err != nil && e.Reason == e.Err.Error():
		if p.told.tell(e.Plugin, e.Err) {
			p.show(p.err, p.failure(e.Err))
		}
	case e.Reason != "" && (e.State == innkeeper.StateInitializing || e.State == innkeeper.StateActive || e.State == innkeeper.StateError):
		p.show(p.err, p.odd.Sprint(name+": ")+visible.Text(e.Reason))
	}
}

// Log shows a line of a log.
func (p *Plain) Log(l LogLine) {
	level, tint := "info", p.faint
	switch {
	case l.Level >= slog.LevelError:
		level, tint = "error", p.bad
	case l.Level >= slog.LevelWarn:
		level, tint = "warn", p.odd
	case l.Level < slog.LevelInfo:
		level = "debug"
	}
	from := "innkeeper"
	if l.Plugin != "" {
		from = l.Plugin
	}
	if l.Source != "" {
		from += " " + l.Source
	}
	p.show(p.err, tint.Sprint(level+" "+visible.Line(from)+": ")+indent(visible.Text(l.Text)))
}

// Notice answers the person.
func (p *Plain) Notice(text string) { p.show(p.out, visible.Text(text)) }

// Hint says something about the program.
func (p *Plain) Hint(text string) { p.show(p.err, p.faint.Sprint(visible.Text(text))) }

// Refused says why a message was not accepted.
func (p *Plain) Refused(_ chat.Message, err error) {
	p.show(p.err, p.odd.Sprint("not sent: ")+indent(visible.Text(err.Error())))
}

// Failure shows each of the errors that err joins, but for those that were shown
// as events.
func (p *Plain) Failure(err error) {
	p.told.untold(err, func(e error) { p.show(p.err, p.failure(e)) })
}

// failure is an error with what else is known: the stack, or what to do next.
func (p *Plain) failure(err error) string {
	text := p.bad.Sprint("error: ") + visible.Text(err.Error())
	var thrown *innkeeper.PluginError
	if errors.As(err, &thrown) && thrown.Stack != "" {
		for line := range strings.Lines(thrown.Stack) {
			text += "\n    " + visible.Line(strings.TrimSpace(line))
		}
	}
	if next := NextStep(err); next != "" {
		text += "\n" + p.faint.Sprint(next)
	}
	return text
}

func plugin(display, name, version string) string {
	if display == name || display == "" {
		return visible.Line(name + " " + version)
	}
	return fmt.Sprintf("%s (%s)", visible.Line(display), visible.Line(name+" "+version))
}

func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n  ") }
