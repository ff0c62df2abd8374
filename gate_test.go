package innkeeper_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
)

// gate is a log that does not return from the first line that begins with holds
// until the test lets it: the VM that writes the line stands still meanwhile.
type gate struct {
	*book
	holds            string
	once             sync.Once
	reached, release chan struct{}
}

func (g *gate) Handle(ctx context.Context, r slog.Record) error {
	err := g.book.Handle(ctx, r)
	if strings.HasPrefix(r.Message, g.holds) {
		g.once.Do(func() {
			close(g.reached)
			<-g.release
		})
	}
	return err
}

func (g *gate) WithAttrs([]slog.Attr) slog.Handler { return g }
func (g *gate) WithGroup(string) slog.Handler      { return g }

func loggerTo(h slog.Handler) *slog.Logger { return slog.New(h) }
