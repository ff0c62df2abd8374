package clock

import (
	"container/heap"
	"sync"
	"time"
)

// Fake is a Clock that stands still until Advance is called. It is safe for
// concurrent use; make one with NewFake.
type Fake struct {
	advancing sync.Mutex // held by the one Advance that is under way

	mu      sync.Mutex // guards what follows; never held while a function runs
	now     time.Time
	pending timerHeap
	created uint64 // orders timers that are due at the same moment
}

// NewFake makes a clock that shows start.
func NewFake(start time.Time) *Fake { return &Fake{now: start} }

// Now is the moment that the clock shows. Inside a function run by Advance it
// is the moment at which that function was due.
func (c *Fake) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc registers f to run when the clock has been advanced by d. A d of
// zero or less is due at the next Advance, be it Advance(0).
func (c *Fake) AfterFunc(d time.Duration, f func()) Timer {
	t := &fakeTimer{clock: c, run: f, index: -1}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.schedule(t, d)
	return t
}

// Advance moves the clock forward by d and runs every function that becomes
// due, in the order of their times (then of their making), on the caller's
// goroutine. Functions registered meanwhile run too if they are due within d;
// one that registers itself again with no delay would therefore never let it
// end. Concurrent calls wait for each other; a function that Advance runs must
// not call Advance. A negative d panics: time does not run backwards.
func (c *Fake) Advance(d time.Duration) {
	if d < 0 {
		panic("clock: Fake.Advance by a negative duration " + d.String())
	}
	c.advancing.Lock()
	defer c.advancing.Unlock()

	c.mu.Lock()
	defer c.mu.Unlock()
	end := c.now.Add(d)
	for len(c.pending) > 0 && !c.pending[0].due.After(end) {
		t := heap.Pop(&c.pending).(*fakeTimer)
		if t.due.After(c.now) {
			c.now = t.due
		}
		c.runUnlocked(t.run)
	}
	c.now = end
}

// runUnlocked gives the lock away while f runs, and takes it back even when f
// panics, so that a failing test does not turn into a deadlock.
func (c *Fake) runUnlocked(f func()) {
	c.mu.Unlock()
	defer c.mu.Lock()
	f()
}

// Waiting counts the timers that are pending.
func (c *Fake) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.pending)
}

// Next is the moment at which the earliest pending timer is due; ok is false
// when none is pending.
func (c *Fake) Next() (due time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pending) == 0 {
		return time.Time{}, false
	}
	return c.pending[0].due, true
}

func (c *Fake) schedule(t *fakeTimer, d time.Duration) {
	c.created++
	t.due, t.order = c.now.Add(max(d, 0)), c.created
	heap.Push(&c.pending, t)
}

// remove takes t out of the heap and reports whether it was in it.
func (c *Fake) remove(t *fakeTimer) bool {
	if t.index < 0 {
		return false
	}
	heap.Remove(&c.pending, t.index)
	return true
}

type fakeTimer struct {
	clock *Fake
	run   func()

	// Guarded by clock.mu.
	due   time.Time
	order uint64
	index int // place in the heap, -1 when not pending
}

func (t *fakeTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.clock.remove(t)
}

func (t *fakeTimer) Reset(d time.Duration) bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	was := t.clock.remove(t)
	t.clock.schedule(t, d)
	return was
}

type timerHeap []*fakeTimer

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if h[i].due.Equal(h[j].due) {
		return h[i].order < h[j].order
	}
	return h[i].due.Before(h[j].due)
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *timerHeap) Push(x any) {
	t := x.(*fakeTimer)
	t.index = len(*h)
	*h = append(*h, t)
}

func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil // let the function be collected
	*h = old[:len(old)-1]
	t.index = -1
	return t
}
