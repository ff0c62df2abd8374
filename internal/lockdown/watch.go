package lockdown

import (
	"errors"
	"fmt"
	"sync"

	"github.com/innkeeper-host/innkeeper/internal/clock"
)

// ErrNotWatchable says that this system does not let a process see the memory
// of its child. The worker's own limits are all there is then.
var ErrNotWatchable = errors.New("watch worker's memory: this system does not tell it without cgo")

// Excess is what Watch reports: a worker uses more memory than it may.
type Excess struct {
	PID   int    `json:"pid"`
	Rest  uint64 `json:"rest"`  // bytes of its own when Watch began
	Used  uint64 `json:"used"`  // bytes of its own now
	Bound uint64 `json:"bound"` // Rest and Limits.Memory
}

func (e Excess) String() string {
	return fmt.Sprintf("worker %d uses %s of memory, at most %s are allowed", e.PID, inMegabytes(e.Used), inMegabytes(e.Bound))
}

// Watching is one worker's memory being watched. Its methods may be called from
// any goroutine.
type Watching struct {
	pid    int
	memory *memory
	rest   uint64
	bound  uint64
	over   func(Excess)

	mu    sync.Mutex
	timer clock.Timer // nil when it is over
	peak  uint64
}

// Watch looks at a worker's memory every Limits.SampleEvery, and calls over once,
// on a goroutine of the clock's, when it is past its bound; the caller kills.
// What the worker uses at the time of the call is its rest, on top of which
// Limits.Memory is allowed: call it when the worker has said that it is ready,
// and before the first plugin. It ends with the process, after over, or by Close.
//
// The process must not have been waited for yet, so that pid is still its own;
// later the descriptor that Watch holds can no longer mean another process.
func Watch(c clock.Clock, pid int, limits Limits, over func(Excess)) (*Watching, error) {
	limits, err := limits.withDefaults()
	if err != nil {
		return nil, err
	}
	memory, err := openMemory(pid)
	if err != nil {
		return nil, err
	}
	rest, err := memory.private()
	if err != nil {
		memory.close()
		return nil, fmt.Errorf("watch memory of worker %d: %w", pid, err)
	}
	w := &Watching{pid: pid, memory: memory, rest: rest, bound: rest + limits.Memory, over: over, peak: rest}
	w.mu.Lock() // the first look may come before the timer is noted
	defer w.mu.Unlock()
	w.timer = c.AfterFunc(limits.SampleEvery, func() {
		if excess, ok := w.look(limits); ok {
			w.over(excess)
		}
	})
	return w, nil
}

// look samples once, and arranges the next look where one is needed.
func (w *Watching) look(limits Limits) (excess Excess, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer == nil {
		return Excess{}, false
	}
	used, err := w.memory.private()
	if err != nil { // the process has ended; nothing else makes the descriptor fail
		w.end()
		return Excess{}, false
	}
	w.peak = max(w.peak, used)
	if used > w.bound {
		w.end()
		return Excess{PID: w.pid, Rest: w.rest, Used: used, Bound: w.bound}, true
	}
	w.timer.Reset(limits.SampleEvery)
	return Excess{}, false
}

// end is called with the lock held.
func (w *Watching) end() {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
		w.memory.close()
	}
}

// Peak is the most bytes of its own that the worker was seen to use.
func (w *Watching) Peak() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.peak
}

// Close ends the watch; over is not called any more, but may be running. It may
// be called more than once.
func (w *Watching) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
}
