package jsruntime

import (
	"container/heap"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/internal/clock"
)

// timers are the timeouts and intervals of one VM. The loop asks which is due;
// one timer of the Clock, set for the earliest, only wakes it.
type timers struct {
	vm    *VM
	clock clock.Clock
	byID  map[int64]*timer
	queue timerQueue
	last  int64

	waker clock.Timer
	armed time.Time   // what waker was last set for
	fired atomic.Bool // it has fired since
}

type timer struct {
	id    int64
	due   time.Time
	seq   int64 // order among equals
	every time.Duration
	fn    goja.Callable
	args  []goja.Value
	cause uint64
	index int // in the queue; -1 when it is not there
}

// maxDelay is the longest delay of the HTML standard; a longer one means none.
const maxDelay = math.MaxInt32

// set is setTimeout and setInterval.
func (t *timers) set(call goja.FunctionCall, repeat bool) goja.Value {
	g := t.vm.goja
	fn, ok := goja.AssertFunction(call.Argument(0))
	if !ok {
		panic(g.NewTypeError("the first argument of a timer must be a function"))
	}
	ms := call.Argument(1).ToFloat()
	// After the delay, whose valueOf may itself set timers.
	if len(t.byID) >= t.vm.opts.Timers {
		panic(t.vm.ErrorValue(&Error{Name: "RangeError", Message: fmt.Sprintf("too many timers: the limit is %d", t.vm.opts.Timers)}))
	}
	if !(ms >= 1 && ms <= maxDelay) {
		ms = 0
		if repeat {
			ms = 1
		}
	}
	delay := time.Duration(ms * float64(time.Millisecond))
	t.last++
	tm := &timer{id: t.last, seq: t.last, due: t.clock.Now().Add(delay), fn: fn, cause: t.vm.cause}
	if repeat {
		tm.every = delay
	}
	if len(call.Arguments) > 2 {
		tm.args = append(tm.args, call.Arguments[2:]...)
	}
	if t.byID == nil {
		t.byID = map[int64]*timer{}
	}
	t.byID[tm.id] = tm
	heap.Push(&t.queue, tm)
	if !repeat {
		t.vm.addBusy(1)
	}
	return g.ToValue(tm.id)
}

// unset is clearTimeout and clearInterval.
func (t *timers) unset(call goja.FunctionCall) goja.Value {
	if tm := t.byID[call.Argument(0).ToInteger()]; tm != nil {
		t.remove(tm)
	}
	return goja.Undefined()
}

func (t *timers) remove(tm *timer) {
	delete(t.byID, tm.id)
	if tm.index >= 0 {
		heap.Remove(&t.queue, tm.index)
	}
	if tm.every == 0 {
		t.vm.addBusy(-1)
	}
}

// due reports whether a timer's time has come.
func (t *timers) due() bool {
	return len(t.queue) > 0 && !t.queue[0].due.After(t.clock.Now())
}

// arm sets the waker for the earliest timer.
func (t *timers) arm() {
	if len(t.queue) == 0 {
		return
	}
	due := t.queue[0].due
	if due.Equal(t.armed) && !t.fired.Load() {
		return
	}
	t.armed = due
	t.fired.Store(false)
	wait := due.Sub(t.clock.Now())
	if t.waker == nil {
		mailbox := t.vm.runtime.mailbox
		t.waker = t.clock.AfterFunc(wait, func() {
			t.fired.Store(true)
			mailbox.signal()
		})
	} else {
		t.waker.Reset(wait)
	}
}

func (t *timers) clear() {
	if t.waker != nil {
		t.waker.Stop()
	}
	t.byID, t.queue = nil, nil
}

// fireTimer runs the earliest timer as a job of its own.
func (v *VM) fireTimer() {
	defer v.recoverPanic()
	t := &v.timers
	tm := heap.Pop(&t.queue).(*timer)
	v.cause = tm.cause
	if tm.every > 0 {
		tm.due = t.clock.Now().Add(tm.every)
		t.last++
		tm.seq = t.last
		heap.Push(&t.queue, tm)
	} else {
		delete(t.byID, tm.id)
		defer v.addBusy(-1)
	}
	if _, err := v.Call(tm.fn, goja.Undefined(), tm.args...); err != nil && v.failed == nil {
		v.opts.OnError(err)
	}
	v.endJob()
}

// timerQueue is a heap by due time, then by age.
type timerQueue []*timer

func (q timerQueue) Len() int { return len(q) }
func (q timerQueue) Less(i, j int) bool {
	if q[i].due.Equal(q[j].due) {
		return q[i].seq < q[j].seq
	}
	return q[i].due.Before(q[j].due)
}
func (q timerQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}
func (q *timerQueue) Push(x any) {
	tm := x.(*timer)
	tm.index = len(*q)
	*q = append(*q, tm)
}
func (q *timerQueue) Pop() any {
	old := *q
	tm := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	tm.index = -1
	return tm
}
