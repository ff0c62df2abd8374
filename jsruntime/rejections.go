package jsruntime

import (
	"fmt"

	"github.com/dop251/goja"
)

// rejections remembers promises that were rejected with nobody listening, until
// the end of the job: a handler that is added before then takes them back.
type rejections struct {
	vm   *VM
	open []*goja.Promise
}

// maxRejections bounds what one job may leave unhandled; more are counted.
const maxRejections = 100

func (r *rejections) track(p *goja.Promise, op goja.PromiseRejectionOperation) {
	if op == goja.PromiseRejectionHandle {
		r.handled(p)
		return
	}
	r.open = append(r.open, p)
}

func (r *rejections) handled(p *goja.Promise) {
	for i, open := range r.open {
		if open == p {
			r.open = append(r.open[:i], r.open[i+1:]...)
			return
		}
	}
}

// report tells OnError of each and forgets them.
func (r *rejections) report() {
	if len(r.open) == 0 {
		return
	}
	open := r.open
	r.open = nil
	for i, p := range open {
		if i == maxRejections {
			r.vm.opts.OnError(fmt.Errorf("%d more promises were rejected with nobody listening", len(open)-i))
			return
		}
		r.vm.opts.OnError(&UnhandledError{r.vm.Describe(p.Result())})
	}
}

// UnhandledError is a promise that was rejected with nobody listening.
type UnhandledError struct{ Err *Error }

func (e *UnhandledError) Error() string { return "Unhandled rejection: " + e.Err.Error() }

// Unwrap returns what the promise was rejected with.
func (e *UnhandledError) Unwrap() error { return e.Err }
