package host

import (
	"context"
	"sync"
)

// Busy counts what is under way, so that a caller can wait until nothing is. What
// follows from something is counted before that something ends. The zero Busy is
// ready, and its methods may be called from any goroutine.
type Busy struct {
	mu    sync.Mutex
	count int
	quiet chan struct{} // closed when count falls to 0; nil while nobody waits
}

// Add counts n more, or fewer.
func (b *Busy) Add(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count += n
	if b.count == 0 && b.quiet != nil {
		close(b.quiet)
		b.quiet = nil
	}
}

// Wait returns when nothing is under way, or when ctx ends.
func (b *Busy) Wait(ctx context.Context) error {
	b.mu.Lock()
	if b.count == 0 {
		b.mu.Unlock()
		return nil
	}
	if b.quiet == nil {
		b.quiet = make(chan struct{})
	}
	quiet := b.quiet
	b.mu.Unlock()
	select {
	case <-quiet:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
