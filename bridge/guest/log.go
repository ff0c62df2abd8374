package guest

import (
	"context"
	"log/slog"

	"github.com/innkeeper-host/innkeeper/bridge"
)

// logLines is the slog.Handler behind console and context.log: every line goes
// to the host's half, which knows the plugin by the room it came from. It is
// used on the VM's goroutine only.
type logLines struct{ guest *guest }

func (l logLines) Enabled(context.Context, slog.Level) bool { return true }

func (l logLines) Handle(_ context.Context, r slog.Record) error {
	source := ""
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "source" {
			source = a.Value.String()
		}
		return true
	})
	var e bridge.Encoder
	e.Number(float64(r.Level))
	e.String(r.Message)
	e.String(source)
	l.guest.notify(bridge.OpLog, &e)
	return nil
}

func (l logLines) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l logLines) WithGroup(string) slog.Handler      { return l }
