package host

import (
	"context"
	"sync"
	"sync/atomic"
)

// Busy counts what is under way, so that a caller can wait until nothing is. What
// follows from something is counted before that something ends. The zero Busy is
// ready, and its methods may be called from any goroutine.
type Busy struct {
	count atomic.Int64

	mu    sync.Mutex
	quiet chan struct{} // closed when count falls to 0; nil while nobody waits
}

// Add counts n more, or fewer.
func (b *Busy) Add(n int) {
	if b.count.Add(int64(n)) != 0 || n > 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.quiet != nil {
		close(b.quiet)
		b.quiet = nil
	}
}

// Wait returns when nothing is under way, or when ctx ends.
func (b *Busy) Wait(ctx context.Context) error {
	for {
		b.mu.Lock()
		if b.count.Load() == 0 {
			b.mu.Unlock()
			return nil
		}
		if b.quiet == nil {
			b.quiet = make(chan struct{})
		}
		quiet := b.quiet
		b.mu.Unlock()
		select {
		case <-quiet: // it was 0 for a moment: look again
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
