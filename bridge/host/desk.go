package host

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/internal/clock"
	"github.com/innkeeper-host/innkeeper/internal/seal"
	"github.com/innkeeper-host/innkeeper/storage"
)

// Chat is where what plugins send goes on: the same way as what people send.
// Its methods may be called from any goroutine.
type Chat interface {
	// Accept takes a plugin's message through interception to the chat server,
	// delivers it, and returns it with its id.
	Accept(ctx context.Context, from *Session, m chat.Message, hops int) (chat.Message, error)
	// Emit tells an event to everyone who listens. data is JSON or "". It must
	// not block.
	Emit(from *Session, name, data string, hops int)
	// Incident is told of errors that no caller sees. It must not block.
	Incident(from *Session, where string, err *bridge.Error)
}

// Options are what a Desk serves from. All but Key are needed.
type Options struct {
	Store  storage.Store
	Chat   Chat
	Clock  clock.Clock
	Logger *slog.Logger
	Key    *seal.Key // seals secrets; without it secret settings are refused
	App    chat.Info // context.app
	Hops   int       // how many plugins a chain of messages may pass: 8
}

// Desk serves all plugins of one host. Its methods may be called from any
// goroutine.
type Desk struct {
	Options
	Busy Busy

	scheduler *scheduler
	saved     atomic.Int64    // how often settings were saved; tells who must read them again
	closing   context.Context // ends when the desk is closed
	stop      context.CancelFunc
	sessions  sync.WaitGroup
}

// NewDesk starts a desk; whoever does must Close it.
func NewDesk(o Options) *Desk {
	if o.Hops <= 0 {
		o.Hops = 8
	}
	d := &Desk{Options: o}
	d.closing, d.stop = context.WithCancel(context.Background())
	d.scheduler = newScheduler(d)
	return d
}

// Close stops the scheduler, ends what sessions still ask for, and waits until
// all sessions are closed, which is their owner's to do.
func (d *Desk) Close() {
	d.stop()
	d.scheduler.close()
	d.sessions.Wait()
}
