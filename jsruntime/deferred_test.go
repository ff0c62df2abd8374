package jsruntime

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dop251/goja"
)

func TestDeferredSettlesOnceFromAnyGoroutine(t *testing.T) {
	busy := make(chan bool, 8)
	r := start(t, Options{Defers: 1, OnBusy: func(b bool) { busy <- b }})
	var d *Deferred
	results := make(chan string, 2)
	do(t, r, func(v *VM) {
		promise, deferred, err := v.Defer()
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := v.Defer(); !errors.Is(err, ErrTooManyCalls) {
			t.Errorf("second Defer: %v", err)
		}
		d = deferred
		v.Settle(promise, func(value goja.Value, err error) { results <- fmt.Sprint(value, err) })
	})
	for range 2 {
		d.Settle(func(v *VM) (goja.Value, error) { return v.Goja().ToValue(42), nil })
	}
	if got := <-results; got != "42 <nil>" {
		t.Errorf("got %q", got)
	}
	do(t, r, func(*VM) {})
	if first, second := <-busy, <-busy; !first || second {
		t.Errorf("busy was told %v, %v", first, second)
	}
	if len(results) != 0 {
		t.Error("settled twice")
	}
}

func TestSettleFollowsWhatAHandlerReturns(t *testing.T) {
	r := start(t, Options{})
	for code, want := range map[string]string{
		`7`:                                      "7 <nil>",
		`(async () => 8)()`:                      "8 <nil>",
		`({then(ok) { ok(9) }})`:                 "9 <nil>",
		`({then(_, no) { no(new Error("x")) }})`: "<nil> x",
		`({then: 1, a: 2})`:                      "[object Object] <nil>",
		`({get then() { throw new TypeError("trap") }})`:                                         "<nil> TypeError: trap",
		`Promise.reject(new Error("no"))`:                                                        "<nil> no",
		`(async () => { await null; return 3 })()`:                                               "3 <nil>",
		`Promise.prototype.then = () => { throw 1 }; new Promise(ok => setTimeout(() => ok(5)))`: "5 <nil>",
	} {
		p, err := Compile("test.js", code, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := r
		if strings.Contains(code, "prototype") {
			r = start(t, Options{})
			do(t, r, func(v *VM) { v.Prepare() })
		}
		got := make(chan string, 1)
		do(t, r, func(v *VM) {
			value, err := v.Run(p)
			if err != nil {
				got <- err.Error()
				return
			}
			v.Settle(value, func(value goja.Value, err error) { got <- fmt.Sprint(value, err) })
		})
		if text := <-got; text != want {
			t.Errorf("%s: got %q, wanted %q", code, text, want)
		}
	}
}
