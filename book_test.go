package innkeeper_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper"
)

// book keeps events and log lines.
type book struct {
	mu     sync.Mutex
	events []innkeeper.Event
	logged []string // of plugins, "NAME LEVEL TEXT"
	change chan struct{}
}

func (b *book) Observe(e innkeeper.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
	close(b.change)
	b.change = make(chan struct{})
}

func (b *book) Enabled(context.Context, slog.Level) bool { return true }
func (b *book) WithAttrs([]slog.Attr) slog.Handler       { return b }
func (b *book) WithGroup(string) slog.Handler            { return b }
func (b *book) Handle(_ context.Context, r slog.Record) error {
	name := ""
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "plugin" {
			name = a.Value.String()
		}
		return true
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	b.logged = append(b.logged, name+" "+r.Level.String()+" "+r.Message)
	close(b.change)
	b.change = make(chan struct{})
	return nil
}

// await waits for something in the book.
func (b *book) await(t testing.TB, what string, there func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		b.mu.Lock()
		ok, change := there(), b.change
		b.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-change:
		case <-deadline:
			b.mu.Lock()
			defer b.mu.Unlock()
			t.Fatalf("%s never happened; log: %q", what, b.logged)
		}
	}
}
