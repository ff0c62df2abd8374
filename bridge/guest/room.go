package guest

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/internal/clock"
	"github.com/innkeeper-host/innkeeper/internal/queue"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

// Options are what the rooms of one process share.
type Options struct {
	Clock    clock.Clock         // of timers and Date; nil means the system's
	Programs *jsruntime.Programs // compiled bundles; nil means none are kept
}

// Room runs one generation in a VM of this process.
type Room struct {
	server  bridge.Server
	next    func(*jsruntime.VM) // startNext, made once
	setup   bridge.Setup
	options Options
	runtime *jsruntime.Runtime
	guest   *guest // touched only by the VM's goroutine
	busy    bool   // what server was told last; touched only by the VM's goroutine

	mu      sync.Mutex
	waiting queue.Queue[bridge.Waiting] // taken and not started
	current bridge.Waiting              // being started; its Done is nil once it has ended
	open    map[bridge.Cause]func(bridge.Result)
	ended   error
}

var _ bridge.Room = (*Room)(nil)

// Open makes a room; the plugin's code runs with the first Initialize call.
// Whoever opens a room must Close it.
func Open(setup bridge.Setup, server bridge.Server, o Options) *Room {
	r := &Room{server: server, setup: setup, options: o, open: map[bridge.Cause]func(bridge.Result){}}
	r.next = r.startNext
	r.guest = newGuest(r)
	limits := setup.Limits
	r.runtime = jsruntime.New(jsruntime.Options{
		Clock:   o.Clock,
		Logger:  slog.New(logLines{r.guest}),
		Running: limits.Running,
		Work:    limits.Work,
		Defers:  limits.Requests,
		Timers:  limits.Timers,
		LogRate: limits.LogRate,
		OnError: r.guest.report,
		OnBusy:  r.tellBusy,
		OnEnd:   r.end,
	})
	return r
}

func (r *Room) tellBusy(busy bool) {
	r.busy = busy
	r.server.Busy(busy)
}

// Post implements bridge.Room.
func (r *Room) Post(c bridge.Call, done func(bridge.Result)) error {
	if c.Kind == bridge.Initialize || c.Kind == bridge.Destroy {
		err := r.runtime.Post(jsruntime.Control, uint64(c.Cause),
			func(v *jsruntime.VM) { r.start(v, bridge.Waiting{Call: c, Done: done}) },
			func(err error) { done(bridge.Result{Err: fatal(err)}) })
		return roomError(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended != nil {
		return r.ended
	}
	// The lane has a job for each call that waits, so its bound is theirs.
	if err := r.runtime.Post(jsruntime.Work, 0, r.next, nil); err != nil {
		return roomError(err)
	}
	r.waiting.Push(bridge.Waiting{Call: c, Done: done})
	return nil
}

// startNext starts the call that has waited longest; none may be left, when
// Drain took them.
func (r *Room) startNext(v *jsruntime.VM) {
	r.mu.Lock()
	next, ok := r.waiting.Pop()
	if !ok {
		r.mu.Unlock()
		return
	}
	r.current = next
	r.mu.Unlock()
	v.SetCause(uint64(next.Call.Cause))
	r.dispatch(v, next.Call)
}

// start starts a call that does not wait with the others.
func (r *Room) start(v *jsruntime.VM, w bridge.Waiting) {
	r.mu.Lock()
	r.current = w
	r.mu.Unlock()
	r.dispatch(v, w.Call)
}

// dispatch starts the current call. Most calls have ended when it returns; only
// those that wait for something are kept by cause.
func (r *Room) dispatch(v *jsruntime.VM, c bridge.Call) {
	r.guest.dispatch(v, c)
	r.mu.Lock()
	if r.current.Done != nil {
		r.open[c.Cause] = r.current.Done
		r.current = bridge.Waiting{}
	}
	r.mu.Unlock()
}

// finish ends an open call; whoever comes second finds it gone.
func (r *Room) finish(c bridge.Cause, result bridge.Result) {
	r.mu.Lock()
	done := r.take(c)
	r.mu.Unlock()
	if done != nil {
		done(result)
	}
}

// take removes an open call and returns its done, or nil; the lock is held.
func (r *Room) take(c bridge.Cause) func(bridge.Result) {
	if r.current.Call.Cause == c && r.current.Done != nil {
		done := r.current.Done
		r.current = bridge.Waiting{}
		return done
	}
	done := r.open[c]
	delete(r.open, c)
	return done
}

// Abandon implements bridge.Room.
func (r *Room) Abandon(c bridge.Cause) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.take(c)
	r.waiting.Remove(func(w bridge.Waiting) bool { return w.Call.Cause == c })
}

// Drain implements bridge.Room.
func (r *Room) Drain() []bridge.Waiting {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.waiting.Drain()
}

// Push implements bridge.Room.
func (r *Room) Push(s bridge.State) {
	// The error says that the room has ended: it needs no state any more.
	_ = r.runtime.Post(jsruntime.Control, 0, func(*jsruntime.VM) { r.guest.push(s) }, nil)
}

// Close implements bridge.Room.
func (r *Room) Close(ctx context.Context) error { return r.runtime.Close(ctx) }

// Done implements bridge.Room.
func (r *Room) Done() <-chan struct{} { return r.runtime.Done() }

// Err implements bridge.Room.
func (r *Room) Err() error { return roomError(r.runtime.Err()) }

// end fails what is left, on the VM's goroutine after its last job.
func (r *Room) end(err error) {
	r.server.Ended()
	failure := bridge.Result{Err: fatal(err)}
	r.mu.Lock()
	r.ended = roomError(err)
	var left []func(bridge.Result)
	for _, done := range r.open {
		left = append(left, done)
	}
	if r.current.Done != nil { // its job was cut off by a Go panic
		left = append(left, r.current.Done)
		r.current = bridge.Waiting{}
	}
	for _, w := range r.waiting.Drain() {
		left = append(left, w.Done)
	}
	r.open = map[bridge.Cause]func(bridge.Result){}
	r.mu.Unlock()
	for _, done := range left {
		done(failure)
	}
	if r.busy { // timeouts and answers that nobody waits for any more
		r.tellBusy(false)
	}
	r.guest = nil
}

// roomError is an error of the runtime in the words of bridge.
func roomError(err error) error {
	switch {
	case errors.Is(err, jsruntime.ErrBusy):
		return bridge.ErrBusy
	case errors.Is(err, jsruntime.ErrClosed):
		return bridge.ErrClosed
	case errors.Is(err, jsruntime.ErrTimedOut):
		return bridge.ErrTimedOut
	default:
		return err
	}
}

func fatal(err error) *bridge.Error {
	return &bridge.Error{Name: "Error", Message: roomError(err).Error(), Stack: endStack(err), Fatal: true}
}

// crossing is an error of the VM as it crosses the border.
func crossing(err error) *bridge.Error {
	var thrown *jsruntime.Error
	var unhandled *jsruntime.UnhandledError
	switch {
	case !errors.As(err, &thrown):
		return &bridge.Error{Name: "Error", Message: roomError(err).Error(), Stack: endStack(err), Fatal: ends(err)}
	case errors.As(err, &unhandled):
		return &bridge.Error{Name: "Error", Message: unhandled.Error(), Stack: thrown.Stack()}
	default:
		return &bridge.Error{Name: thrown.Name, Message: thrown.Message, Stack: thrown.Stack()}
	}
}

// endStack is where the plugin was when its runtime ended.
func endStack(err error) string {
	var end *jsruntime.EndError
	if errors.As(err, &end) {
		return end.Stack()
	}
	return ""
}

// ends reports whether an entry's error is the reason why the runtime ends.
func ends(err error) bool {
	var panicked *jsruntime.PanicError
	return errors.Is(err, jsruntime.ErrTimedOut) || errors.Is(err, jsruntime.ErrStackOverflow) ||
		errors.Is(err, jsruntime.ErrClosed) || errors.As(err, &panicked)
}

// program compiles the setup's code, or finds it compiled.
func (r *Room) program() (*jsruntime.Program, error) {
	name := r.setup.Plugin + ".js"
	if r.options.Programs == nil {
		return jsruntime.Compile(name, r.setup.Code, r.setup.SourceMap)
	}
	return r.options.Programs.Compile(r.setup.CodeKey, name, r.setup.Code, r.setup.SourceMap)
}
