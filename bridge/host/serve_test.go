package host_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/bridge/host"
	"github.com/innkeeper-host/innkeeper/packaging"
)

var everything = permissions("messages:read,send,intercept storage:read,write events:listen ui:components,menu settings:read,write commands:register schedule:register app:read")

// answered are the ops that have an answer.
var answered = []bridge.Op{
	bridge.OpSend, bridge.OpEmit, bridge.OpSettingsSet, bridge.OpStorageGet, bridge.OpStorageSet, bridge.OpStorageDelete, bridge.OpStorageKeys,
	bridge.OpStorageEntries, bridge.OpStorageSwap, bridge.OpStorageAdd, bridge.OpStorageClear, bridge.OpStorageUsage,
}

var quietOps = []bridge.Op{
	bridge.OpListen, bridge.OpIntercept, bridge.OpSubscribe, bridge.OpSettingsRegister, bridge.OpSettingsListen, bridge.OpCommand, bridge.OpSchedule,
	bridge.OpComponent, bridge.OpMenuItem, bridge.OpDispose, bridge.OpLog, bridge.OpReport, "nonsense",
}

// nasty are arguments that no honest guest sends.
var nasty = []bridge.Payload{
	"", "x", args(nil), args(true), args(math.NaN(), "a"), args(-1, "k", js("1")), args(math.Inf(1), "k"), args(1e300, "k", js("1")),
	args(""), args("", "", "", "", "", nil), args(strings.Repeat("k", 600)), args("k", js("{}")), args(js("[]")), args(js("null")), args(js(`{"a":null}`)),
	args(js("1"), js("2")), args(1, js("null")), args(1, js("[]")), args(1, js(`{"name":5}`)), args(1, "j", js("null")), args(1, "j", js(`{"every":"-1h"}`)),
	args(1, "j", js(`{"cron":"* * * * * * * * *"}`)), args(1, ""), args(1, strings.Repeat("e", 300)), args(1, "plugin:"), args("plugin:cat:", nil), args("plugin:dog:x", nil),
	args(1, "", "", "", ""), args(0, "x", "", "", ""), args("k", math.NaN(), nil), args("k", -5, []byte{1}), args("k", 1e300, js("1")), args([]byte("k")),
	args("a", "lobby", "", "", "", js("5")), args("a", "lobby", "", "", "", js(`{"plugin":{}}`)), args("a", "lobby", "", "", "", []byte("x")), bridge.Payload(strings.Repeat("u", 5000)),
}

func TestNothingThatAGuestSendsDoesHarm(t *testing.T) {
	for _, grants := range [][]packaging.Permission{nil, everything} {
		d := seat(t, true, grants...)
		for _, p := range nasty {
			for _, op := range answered {
				d.ask(op, 99, p)
				d.Serve(bridge.Request{Op: op, Args: p}, nil)
			}
			for _, op := range quietOps {
				d.Serve(bridge.Request{Op: op, Cause: math.MaxUint64, Args: p}, nil)
			}
		}
		d.settle()
		for _, m := range d.square.sent {
			if m.Author.ID != "plugin:cat" || m.Metadata["plugin"] != "cat" || m.Channel == "" {
				t.Errorf("sent %+v", m)
			}
		}
		for _, e := range d.square.emitted {
			if !strings.HasPrefix(e, "plugin:cat:") || e == "plugin:cat:" {
				t.Errorf("emitted %q", e)
			}
		}
	}
}

func FuzzServe(f *testing.F) {
	for _, p := range nasty {
		f.Add(string(p))
	}
	for _, r := range requests {
		f.Add(string(r.args))
	}
	f.Fuzz(func(t *testing.T, data string) {
		d := seat(t, true, everything...)
		for _, op := range answered {
			d.ask(op, 1, bridge.Payload(data))
		}
		for _, op := range quietOps {
			d.Serve(bridge.Request{Op: op, Args: bridge.Payload(data)}, nil)
		}
		d.settle()
	})
}

func TestRegistrationsAreBounded(t *testing.T) {
	d := seat(t, true, everything...)
	for i := range 3000 {
		d.Serve(bridge.Request{Op: bridge.OpListen, Args: args(i, false)}, nil)
		d.Serve(bridge.Request{Op: bridge.OpSubscribe, Args: args(i, "message")}, nil)
		d.Serve(bridge.Request{Op: bridge.OpCommand, Args: args(i, js(fmt.Sprintf(`{"name":"c%d"}`, i)))}, nil)
	}
	if n := len(d.square.told()); n != 9000-1000 {
		t.Errorf("%d were refused, want all past 1,000", n)
	}
	for i := range 3000 {
		d.Serve(bridge.Request{Op: bridge.OpDispose, Args: args(i)}, nil)
	}
	if d.Listens(false) {
		t.Error("something still listens")
	}
}

// deliver makes a message call with hops and returns its cause.
func (d *desk) deliver(hops int) bridge.Cause {
	d.t.Helper()
	if err := d.Call(host.Call{Kind: bridge.Message, Origin: host.Origin{Hops: hops, Channel: "lobby", Thread: "t"}}); err != nil {
		d.t.Fatal(err)
	}
	return d.room.last(bridge.Message)
}

func TestOnlyOpenCallsVouchForHowDeepAChainIs(t *testing.T) {
	d := seat(t, true, permissions("messages:send")...)
	hopsOf := func(cause bridge.Cause) int {
		t.Helper()
		if r := d.ask(bridge.OpSend, cause, args("x", "lobby", "", "", "", nil)); r.Err != nil {
			if r.Err.Name != bridge.LoopErrorName {
				t.Fatal(r.Err)
			}
			return -1
		}
		return d.square.hops[len(d.square.hops)-1]
	}
	initialize := d.room.last(bridge.Initialize)
	shallow := d.deliver(0)
	if got := hopsOf(shallow); got != 1 {
		t.Errorf("an answer to a person counts %d", got)
	}
	deep := d.deliver(5)
	if got := hopsOf(shallow); got != 1 {
		t.Errorf("an answer to a person beside a deep chain counts %d", got)
	}
	for name, cause := range map[string]bridge.Cause{"none": 0, "made up": 12345, "ended": initialize, "far": math.MaxUint64} {
		if got := hopsOf(cause); got != 6 {
			t.Errorf("a cause that is %s counts %d, want 6", name, got)
		}
	}
	d.room.finish(deep, bridge.Result{})
	d.room.finish(shallow, bridge.Result{})
	if got := hopsOf(shallow); got != 6 {
		t.Errorf("after its end, a call counts %d", got)
	}
	last := d.deliver(8)
	if got := hopsOf(last); got != -1 {
		t.Errorf("past the limit it counts %d", got)
	}
	d.room.finish(last, bridge.Result{})
	if got := hopsOf(initialize); got != -1 {
		t.Errorf("a forged cause gets past the limit: %d", got)
	}
	d.clock.Advance(2 * time.Minute)
	if got := hopsOf(0); got != 1 {
		t.Errorf("long after, it counts %d", got)
	}
}

func TestAnAnswerGoesWhereTheQuestionWas(t *testing.T) {
	d := seat(t, true, permissions("messages:send")...)
	cause := d.deliver(0)
	if r := d.ask(bridge.OpSend, cause, args("x", "", "", "", "", nil)); r.Err != nil {
		t.Fatal(r.Err)
	}
	d.room.finish(cause, bridge.Result{})
	if r := d.ask(bridge.OpSend, cause, args("x", "", "", "", "", nil)); r.Err != nil {
		t.Fatal(r.Err)
	}
	for _, m := range d.square.sent {
		if m.Channel != "lobby" || m.Thread != "t" {
			t.Errorf("sent to %s, %s", m.Channel, m.Thread)
		}
	}
	if r := d.ask(bridge.OpSend, 777, args("x", "", "", "", "", nil)); r.Err == nil || r.Err.Name != bridge.TypeErrorName {
		t.Errorf("without a channel: %+v", r)
	}
}

func TestEveryCallEndsOnceHoweverTheSessionEnds(t *testing.T) {
	for range 20 {
		d := seat(t, true, everything...)
		const callers, each = 4, 200
		var taken, ended atomic.Int64
		var calling sync.WaitGroup
		for range callers {
			calling.Go(func() {
				for range each {
					err := d.Call(host.Call{Kind: bridge.Message, Done: func(bridge.Result) { ended.Add(1) }})
					if err == nil {
						taken.Add(1)
					} else if !errors.Is(err, bridge.ErrClosed) {
						t.Error(err)
					}
				}
			})
		}
		calling.Go(func() {
			for c := range bridge.Cause(callers * each) {
				d.room.finish(c, bridge.Result{})
				d.room.finish(c, bridge.Result{})
			}
			d.clock.Advance(time.Minute)
		})
		calling.Go(func() {
			d.Serve(bridge.Request{Op: bridge.OpStorageSet, Args: args(0, "k", js("1"))}, nil)
			d.Serve(bridge.Request{Op: bridge.OpSend, Args: args("x", "lobby", "", "", "", nil)}, nil)
			d.SetGrants(packaging.Grants{})
			if err := d.Close(context.Background(), true); err != nil {
				t.Error(err)
			}
		})
		calling.Go(func() {
			if err := d.Close(context.Background(), true); err != nil {
				t.Error(err)
			}
		})
		calling.Wait()
		d.settle()
		if taken.Load() != ended.Load() {
			t.Fatalf("%d calls were taken and %d ended", taken.Load(), ended.Load())
		}
	}
}

func TestHeldActsOfADiscardedGenerationAreForgotten(t *testing.T) {
	d := seat(t, false, everything...)
	for range 300 {
		d.Serve(bridge.Request{Op: bridge.OpEmit, Args: args("plugin:cat:x", nil)}, nil)
	}
	if r := d.ask(bridge.OpSend, 0, args("x", "lobby", "", "", "", nil)); r.Err == nil || r.Err.Name != bridge.BusyErrorName {
		t.Errorf("past the bound: %+v", r)
	}
	if err := d.Close(context.Background(), false); err != nil {
		t.Fatal(err)
	}
	d.settle()
	if len(d.square.sent)+len(d.square.emitted) > 0 {
		t.Errorf("sent %v, emitted %v", d.square.sent, d.square.emitted)
	}
}

func TestACallPastItsLimitIsAbandoned(t *testing.T) {
	d := seat(t, true, everything...)
	results := make(chan bridge.Result, 2)
	if err := d.Call(host.Call{Kind: bridge.Intercept, Name: "0"}); !errors.Is(err, host.ErrGone) {
		t.Fatalf("an interceptor that is not there: %v", err)
	}
	d.Serve(bridge.Request{Op: bridge.OpIntercept, Args: args(1, 0, "")}, nil)
	for _, kind := range []bridge.Kind{bridge.Intercept, bridge.Message} {
		if err := d.Call(host.Call{Kind: kind, Name: "0", Done: func(r bridge.Result) { results <- r }}); err != nil {
			t.Fatal(err)
		}
	}
	d.clock.Advance(time.Second)
	if r := <-results; r.Err == nil || r.Err.Name != "TimeoutError" || !strings.Contains(r.Err.Message, "intercept took longer than 1s") {
		t.Errorf("intercept: %+v", r)
	}
	d.room.finish(d.room.last(bridge.Intercept), bridge.Result{}) // too late
	d.clock.Advance(time.Minute)
	if r := <-results; r.Err == nil || !strings.Contains(r.Err.Message, "message took longer than 1m0s") {
		t.Errorf("message: %+v", r)
	}
	d.settle()
	if len(results) > 0 {
		t.Error("a call ended twice")
	}
}
