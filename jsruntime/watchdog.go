package jsruntime

import (
	"sync"
	"time"

	"github.com/dop251/goja"
)

// watchdog interrupts an entry that runs longer than the limit. Running time is
// the machine's whatever Clock the runtime has: code that loops for ever must
// end although a test's clock stands still.
type watchdog struct {
	goja  *goja.Runtime
	limit time.Duration

	mu      sync.Mutex
	started time.Time // zero while nothing runs
	armed   bool      // timer is pending
	fired   bool      // this entry was interrupted
	stopped error     // every further entry is interrupted with it
	timer   *time.Timer
}

// enter begins an entry. The timer is left running from one entry to the next:
// setting it anew for each would cost more than a short handler.
func (w *watchdog) enter() {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started = now
	if w.stopped != nil {
		w.fired = true
		w.goja.Interrupt(w.stopped)
		return
	}
	if w.armed {
		return
	}
	w.armed = true
	if w.timer == nil {
		w.timer = time.AfterFunc(w.limit, w.check)
	} else {
		w.timer.Reset(w.limit)
	}
}

// leave ends the entry; an interrupt that came too late to be seen is cleared.
func (w *watchdog) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started = time.Time{}
	if w.fired {
		w.fired = false
		w.goja.ClearInterrupt()
	}
}

func (w *watchdog) check() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.started.IsZero() || w.stopped != nil {
		w.armed = false
		return
	}
	if left := w.limit - time.Since(w.started); left > 0 {
		w.timer.Reset(left)
		return
	}
	w.armed = false
	w.fired = true
	w.goja.Interrupt(ErrTimedOut)
}

// stop interrupts what runs, and everything after it, with err.
func (w *watchdog) stop(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped == nil {
		w.stopped = err
	}
	if w.timer != nil {
		w.timer.Stop()
		w.armed = false
	}
	if !w.started.IsZero() {
		w.fired = true
		w.goja.Interrupt(w.stopped)
	}
}

// release lets go of the VM, which nothing enters any more: whoever still holds
// the Runtime must not keep the VM in memory.
func (w *watchdog) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.goja = nil
}
