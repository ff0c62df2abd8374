package jsruntime

import (
	"errors"
	"sync/atomic"

	"github.com/dop251/goja"
)

// ErrTooManyCalls says that as many Deferreds are open as may be.
var ErrTooManyCalls = errors.New("too many calls are waiting for an answer")

// Deferred is a promise that another goroutine settles. Its place in the answers
// lane is kept from the start, so that settling never fails for want of room.
type Deferred struct {
	runtime *Runtime
	cause   uint64
	resolve func(any) error
	reject  func(any) error
	settled atomic.Bool
}

// Defer makes a promise to be settled later, and counts it as open. It fails
// with ErrTooManyCalls where Options.Defers are open.
func (v *VM) Defer() (*goja.Object, *Deferred, error) {
	if v.open >= v.opts.Defers {
		return nil, nil, ErrTooManyCalls
	}
	promise, resolve, reject := v.goja.NewPromise()
	d := &Deferred{runtime: v.runtime, cause: v.cause, resolve: resolve, reject: reject}
	v.open++
	v.addBusy(1)
	return v.goja.ToValue(promise).(*goja.Object), d, nil
}

// Settle makes the value on the runtime's goroutine and settles the promise with
// it: value returns the result, or an error that the promise rejects with. It
// may be called from any goroutine; only the first call counts.
func (d *Deferred) Settle(value func(*VM) (goja.Value, error)) {
	if d.settled.Swap(true) {
		return
	}
	// The error says that the runtime has ended: nobody waits any more.
	_ = d.runtime.mailbox.put(answers, job{cause: d.cause, run: func(v *VM) {
		v.open--
		defer v.addBusy(-1)
		_, _ = v.Enter(func() (goja.Value, error) {
			result, err := value(v)
			if err != nil {
				return nil, d.reject(v.ErrorValue(err))
			}
			return nil, d.resolve(result)
		})
	}})
}

func (v *VM) addBusy(n int) {
	before := v.busy
	v.busy += n
	if (before == 0) != (v.busy == 0) {
		v.opts.OnBusy(v.busy > 0)
	}
}
