package jsruntime

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/innkeeper-host/innkeeper/internal/clock"
)

// Reasons why a Runtime ends. The first two come in an *EndError.
var (
	// ErrTimedOut: an entry ran longer than the running limit.
	//lint:ignore ST1005 the contract's words
	ErrTimedOut = errors.New("Plugin execution timed out")
	// ErrStackOverflow: calls were nested past the limit of the stack.
	//lint:ignore ST1005 JavaScript's words
	ErrStackOverflow = errors.New("Maximum call stack size exceeded")
	// ErrClosed: Close was called.
	ErrClosed = errors.New("runtime is closed")
)

// maxCallStack is how deep calls may nest. Calls through natives (forEach with
// a callback) nest on Go's stack too, and the engine unwinds those with one
// recovered panic each, whose cost grows faster than the square of the depth:
// 0.5 s at 3,000, 2.5 s at 4,000.
const maxCallStack = 3000

// maxRunning is the longest running limit.
const maxRunning = 60 * time.Second

// regexpLimit must be longer than any running limit: goja answers "no match"
// when a regular expression runs into it, and a plugin must never see that
// answer. By then the interrupt of the running limit is pending.
const regexpLimit = maxRunning + time.Second

func init() {
	// The package has no other place for it; goja compiles every pattern with
	// the default. It is set before any VM exists.
	regexp2.DefaultMatchTimeout = regexpLimit
}

// Options configure a Runtime. The zero value of a field means its default.
type Options struct {
	Clock   clock.Clock   // of timers and Date; the system's
	Logger  *slog.Logger  // what console writes to; discarded
	Running time.Duration // limit of one entry; 5 s, and at most 60 s
	Work    int           // bound of the work lane; 1,024
	Defers  int           // bound of Deferreds not yet settled; 1,024
	Timers  int           // bound of timers set; 1,000
	LogRate float64       // lines of console a second; 20, and ten times that at once

	// OnError is told of errors that no caller sees: unhandled rejections and
	// what timers throw. OnBusy is told when the first Deferred or timeout is
	// open and when the last is done. OnEnd is told why the runtime ended, after
	// the last job. All are called on the runtime's goroutine and must not block.
	OnError func(error)
	OnBusy  func(bool)
	OnEnd   func(error)
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clock.System
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Running <= 0 {
		o.Running = 5 * time.Second
	}
	o.Running = min(o.Running, maxRunning)
	if o.Work <= 0 {
		o.Work = 1024
	}
	if o.Defers <= 0 {
		o.Defers = 1024
	}
	if o.Timers <= 0 {
		o.Timers = 1000
	}
	if o.LogRate <= 0 {
		o.LogRate = 20
	}
	if o.OnError == nil {
		o.OnError = func(error) {}
	}
	if o.OnBusy == nil {
		o.OnBusy = func(bool) {}
	}
	if o.OnEnd == nil {
		o.OnEnd = func(error) {}
	}
	return o
}

// Runtime is one VM and the goroutine that owns it. Its methods may be called
// from any goroutine.
type Runtime struct {
	mailbox *mailbox
	watch   *watchdog
	done    chan struct{}
	err     error // why it ended; written before done is closed

	closing   atomic.Bool
	closeOnce sync.Once
}

// New starts a runtime. Whoever calls it must Close it.
func New(o Options) *Runtime {
	o = o.withDefaults()
	r := &Runtime{mailbox: newMailbox(o.Work), done: make(chan struct{})}
	v := newVM(r, o)
	r.watch = v.watch
	go r.loop(v)
	return r
}

// Post puts a job into a lane; it runs on the runtime's goroutine, with cause as
// the cause of what it starts. Jobs of a lane start in the order of their Post.
// Where the runtime ends before the job has started, drop is called instead
// (it may be nil). Post returns ErrBusy where the work lane is full, and why the
// runtime ended where it has; then neither is called.
func (r *Runtime) Post(lane Lane, cause uint64, run func(*VM), drop func(error)) error {
	return r.mailbox.put(lane, job{run: run, drop: drop, cause: cause})
}

// Close ends the runtime: a running entry is interrupted, waiting jobs are
// dropped with ErrClosed. It waits until the goroutine is gone, or until ctx
// ends. A native that does not look at the interrupt holds it up; then the
// goroutine ends as soon as the native returns.
func (r *Runtime) Close(ctx context.Context) error {
	r.closeOnce.Do(func() {
		r.closing.Store(true)
		r.watch.stop(ErrClosed)
		r.mailbox.signal()
	})
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-r.done: // both came to pass
		return nil
	default:
		return context.Cause(ctx)
	}
}

// Done is closed when the goroutine has ended.
func (r *Runtime) Done() <-chan struct{} { return r.done }

// Err is why the runtime ended: ErrClosed, an *EndError or a *PanicError; nil
// while it runs.
func (r *Runtime) Err() error {
	select {
	case <-r.done:
		return r.err
	default:
		return nil
	}
}

func (r *Runtime) loop(v *VM) {
	defer close(r.done)
	timerNext := false
	for v.failed == nil && !r.closing.Load() {
		due := v.timers.due()
		j, lane, ok := r.mailbox.take(due && timerNext)
		switch {
		case ok:
			v.runJob(j)
			if lane == Work {
				timerNext = true
			}
		case due:
			v.fireTimer()
			timerNext = false
		default:
			v.timers.arm()
			<-r.mailbox.wake
		}
	}
	r.err = v.failed
	if r.err == nil {
		r.err = ErrClosed
	}
	v.timers.clear()
	v.watch.stop(r.err)
	for _, j := range r.mailbox.close(r.err) {
		if j.drop != nil {
			j.drop(r.err)
		}
	}
	v.opts.OnEnd(r.err)
	v.watch.release()
}

// newGoja makes a VM that cannot be talked into reading files of the host.
func newGoja(c clock.Clock) *goja.Runtime {
	g := goja.New()
	g.SetParserOptions(parser.WithDisableSourceMaps)
	g.SetMaxCallStackSize(maxCallStack)
	g.SetTimeSource(c.Now)
	return g
}
