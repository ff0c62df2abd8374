package host

import (
	"context"
	"log/slog"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/internal/visible"
)

// log writes a line of the plugin's to the server's log, with what could deceive
// a terminal escaped. The guest's runtime has limited its rate.
func (s *Session) log(d *bridge.Decoder) {
	level, text, source := slog.Level(d.Number()), d.String(), d.String()
	if d.Err() != nil {
		return
	}
	level = min(max(level, slog.LevelDebug), slog.LevelError)
	attrs := []slog.Attr{slog.String("plugin", s.Name)}
	if source != "" {
		attrs = append(attrs, slog.String("source", visible.Line(source)))
	}
	s.desk.Logger.LogAttrs(context.Background(), level, visible.Text(text), attrs...)
}

// reported tells of an error that no call carried.
func (s *Session) reported(d *bridge.Decoder) {
	err := d.Error()
	if d.Err() != nil {
		return
	}
	s.incident("background", err)
}
