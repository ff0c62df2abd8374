package jsruntime

import (
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"

	"github.com/dop251/goja"
)

// VM is the inside of a Runtime: what a job may use, on the runtime's goroutine
// and nowhere else.
type VM struct {
	runtime *Runtime
	goja    *goja.Runtime
	opts    Options
	watch   *watchdog
	timers  timers
	reject  rejections
	console *console

	cause  uint64
	depth  int   // entries nested; only the outermost is watched
	failed error // why the runtime must end
	open   int   // Deferreds not yet settled
	busy   int   // Deferreds and timeouts; OnBusy tells of 0 and 1

	programs   []*Program // those with a map, in the order of their first run: stacks need them
	intrinsics intrinsics
	then       goja.Callable
	owner      any
}

// PanicError is a Go panic inside the engine or a native. The VM it happened in
// is not used again.
type PanicError struct {
	Value any
	Stack []byte // of the goroutine
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("the JavaScript engine failed (%v)", e.Value)
}

func newVM(r *Runtime, o Options) *VM {
	v := &VM{runtime: r, goja: newGoja(o.Clock), opts: o}
	v.watch = &watchdog{goja: v.goja, limit: o.Running}
	v.timers = timers{vm: v, clock: o.Clock}
	v.reject.vm = v
	v.goja.SetAsyncContextTracker(tracker{v})
	v.goja.SetPromiseRejectionTracker(v.reject.track)
	installGlobals(v)
	return v
}

// Goja is the engine, for making and reading values. Code runs through Enter.
func (v *VM) Goja() *goja.Runtime { return v.goja }

// Cause is the cause of what runs now; zero where nothing is known.
func (v *VM) Cause() uint64 { return v.cause }

// SetCause sets the cause for the rest of the job.
func (v *VM) SetCause(cause uint64) { v.cause = cause }

// tracker carries the cause through promise reactions.
type tracker struct{ v *VM }

func (t tracker) Grab() any { return t.v.cause }

func (t tracker) Resumed(cause any) { t.v.cause = cause.(uint64) }

// Exited clears the cause: a reaction that the engine runs without telling
// (the call of a foreign then) must not pass for its neighbour's.
func (t tracker) Exited() { t.v.cause = 0 }

func (v *VM) runJob(j job) {
	defer v.recoverPanic()
	v.cause = j.cause
	j.run(v)
	v.endJob()
}

// endJob reports what no handler took while the job ran.
func (v *VM) endJob() {
	if v.failed == nil {
		v.reject.report()
	}
	v.cause = 0
}

func (v *VM) recoverPanic() {
	if x := recover(); x != nil {
		v.fail(&PanicError{Value: x, Stack: debug.Stack()})
	}
}

// fail makes the runtime end after the present job; the first reason counts.
func (v *VM) fail(err error) {
	if v.failed == nil {
		v.failed = err
	}
}

// Failed is why the runtime is about to end, or nil. A job that makes several
// entries stops at the first after which it is set.
func (v *VM) Failed() error { return v.failed }

// Enter runs JavaScript under the running limit and returns its result: f calls
// into the VM, and microtasks are done when it returns. What it throws comes
// back as an *Error; an interrupt, a stack overflow or a Go panic ends the
// runtime, and comes back as the reason.
func (v *VM) Enter(f func() (goja.Value, error)) (result goja.Value, err error) {
	if v.failed != nil {
		return nil, v.failed
	}
	if v.depth == 0 {
		v.watch.enter()
		defer v.watch.leave()
	}
	v.depth++
	defer func() {
		v.depth--
		if x := recover(); x != nil {
			panicked := &PanicError{Value: x, Stack: debug.Stack()}
			v.fail(panicked)
			result, err = nil, panicked
		}
	}()
	result, err = f()
	if err != nil {
		err = v.convert(err)
	}
	return result, err
}

// convert turns what goja returned into an *Error, or into the reason why the
// runtime ends.
func (v *VM) convert(err error) error {
	var interrupted *goja.InterruptedError
	var overflow *goja.StackOverflowError
	var thrown *goja.Exception
	switch {
	case errors.As(err, &interrupted):
		reason, ok := interrupted.Value().(error)
		if !ok {
			reason = ErrTimedOut
		}
		reason = v.ended(reason, interrupted.Stack())
		v.fail(reason)
		return reason
	case errors.As(err, &overflow):
		reason := v.ended(ErrStackOverflow, overflow.Stack())
		v.fail(reason)
		return reason
	case errors.As(err, &thrown):
		return v.thrown(thrown)
	default:
		return err
	}
}

// Call calls a function as one entry (or inside the present one).
func (v *VM) Call(fn goja.Callable, this goja.Value, args ...goja.Value) (goja.Value, error) {
	return v.Enter(func() (goja.Value, error) { return fn(this, args...) })
}

// Run runs a program and returns its value.
func (v *VM) Run(p *Program) (goja.Value, error) {
	if len(p.sourceMap) > 0 && !slices.Contains(v.programs, p) {
		v.programs = append(v.programs, p)
	}
	if p.symbols {
		addSymbols(v)
	}
	return v.Enter(func() (goja.Value, error) { return v.goja.RunProgram(p.code) })
}

// Settle calls done with what value comes to: at once where it is no promise or
// a settled one, else when it is settled. A thenable is followed. The error is
// an *Error. done runs on the runtime's goroutine.
func (v *VM) Settle(value goja.Value, done func(goja.Value, error)) {
	object, ok := value.(*goja.Object)
	if !ok {
		done(value, nil)
		return
	}
	if promise := asPromise(object); promise != nil {
		v.settlePromise(object, promise, done)
		return
	}
	v.settleThenable(object, done)
}

func (v *VM) settlePromise(object *goja.Object, promise *goja.Promise, done func(goja.Value, error)) {
	switch promise.State() {
	case goja.PromiseStateFulfilled:
		done(promise.Result(), nil)
	case goja.PromiseStateRejected:
		v.reject.handled(promise)
		done(nil, v.Describe(promise.Result()))
	default:
		fulfilled := func(call goja.FunctionCall) goja.Value {
			done(call.Argument(0), nil)
			return goja.Undefined()
		}
		rejected := func(call goja.FunctionCall) goja.Value {
			done(nil, v.Describe(call.Argument(0)))
			return goja.Undefined()
		}
		if _, err := v.Enter(func() (goja.Value, error) {
			return v.promiseThen()(object, v.goja.ToValue(fulfilled), v.goja.ToValue(rejected))
		}); err != nil {
			done(nil, err)
		}
	}
}

// settleThenable looks at then, which may be a getter of the plugin's: inside
// an entry, and once.
func (v *VM) settleThenable(object *goja.Object, done func(goja.Value, error)) {
	followed, err := v.Enter(func() (goja.Value, error) {
		var promise goja.Value
		var failure error
		thrown := v.goja.Try(func() {
			then, ok := goja.AssertFunction(object.Get("then"))
			if !ok {
				return
			}
			p, resolve, reject := v.goja.NewPromise()
			promise = v.goja.ToValue(p)
			_, failure = then(object,
				v.goja.ToValue(func(call goja.FunctionCall) goja.Value { resolve(call.Argument(0)); return goja.Undefined() }),
				v.goja.ToValue(func(call goja.FunctionCall) goja.Value { reject(call.Argument(0)); return goja.Undefined() }))
		})
		if thrown != nil {
			return nil, thrown
		}
		return promise, failure
	})
	switch {
	case err != nil:
		done(nil, err)
	case followed == nil:
		done(object, nil)
	default:
		followedObject := followed.(*goja.Object)
		v.settlePromise(followedObject, asPromise(followedObject), done)
	}
}

var promiseType = reflect.TypeFor[*goja.Promise]()

// asPromise is the promise behind an object, or nil. The type is asked first:
// exporting any other object would walk it and run its getters.
func asPromise(object *goja.Object) *goja.Promise {
	if object.ExportType() != promiseType {
		return nil
	}
	promise, _ := object.Export().(*goja.Promise)
	return promise
}

// promiseThen is the engine's own then, whatever the plugin made of
// Promise.prototype: it is taken before the plugin's code runs where the VM is
// prepared for a plugin, else at its first use.
func (v *VM) promiseThen() goja.Callable {
	if v.then == nil {
		proto := v.goja.Get("Promise").ToObject(v.goja).Get("prototype").ToObject(v.goja)
		v.then, _ = goja.AssertFunction(proto.Get("then"))
	}
	return v.then
}

// Prepare takes what the runtime needs of the engine before a plugin's code can
// put something else in its place.
func (v *VM) Prepare() { v.promiseThen() }

// SetOwner keeps a value of whoever uses the VM, for natives that serve many
// VMs; Owner returns it. JavaScript never sees it.
func (v *VM) SetOwner(owner any) { v.owner = owner }

// Owner returns what SetOwner kept.
func (v *VM) Owner() any { return v.owner }
