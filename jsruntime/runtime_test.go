package jsruntime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"
	"go.uber.org/goleak"

	"github.com/innkeeper-host/innkeeper/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a runtime for one test.
func start(t testing.TB, o Options) *Runtime {
	t.Helper()
	r := New(o)
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return r
}

// do runs f as a job and waits for it.
func do(t testing.TB, r *Runtime, f func(*VM)) {
	t.Helper()
	doCause(t, r, 0, f)
}

func doCause(t testing.TB, r *Runtime, cause uint64, f func(*VM)) {
	t.Helper()
	done := make(chan error, 1)
	err := r.Post(Work, cause, func(v *VM) { f(v); done <- nil }, func(err error) { done <- err })
	if err != nil {
		t.Fatalf("post: %v", err)
	}
	select {
	case err := <-done:
		if err != nil {
			t.Fatalf("job was dropped: %v", err)
		}
	case <-r.Done():
	}
}

// eval runs code and returns its value as text, or the error.
func eval(t testing.TB, r *Runtime, code string) (text string, err error) {
	t.Helper()
	p, err := Compile("test.js", code, nil)
	if err != nil {
		t.Fatal(err)
	}
	do(t, r, func(v *VM) {
		var value goja.Value
		if value, err = v.Run(p); err == nil {
			text = value.String()
		}
	})
	return text, err
}

func TestWorkLaneIsBoundedAndControlGoesFirst(t *testing.T) {
	r := start(t, Options{Work: 3})
	gate := make(chan bool)
	var mu sync.Mutex
	var order []string
	note := func(name string) func(*VM) {
		return func(*VM) { mu.Lock(); order = append(order, name); mu.Unlock() }
	}
	entered := make(chan bool)
	_ = r.Post(Work, 0, func(*VM) { close(entered); <-gate }, nil)
	<-entered
	last := make(chan bool)
	for i, run := range []func(*VM){note("work0"), note("work1"), func(v *VM) { note("work2")(v); close(last) }} {
		if err := r.Post(Work, 0, run, nil); err != nil {
			t.Fatalf("work %d: %v", i, err)
		}
	}
	if err := r.Post(Work, 0, note("one too many"), nil); !errors.Is(err, ErrBusy) {
		t.Fatalf("got %v, wanted ErrBusy", err)
	}
	_ = r.Post(Control, 0, note("control"), nil)
	close(gate)
	<-last
	if got := strings.Join(order, " "); got != "control work0 work1 work2" {
		t.Errorf("order was %q", got)
	}
}

func TestTimersFollowTheClockInOrder(t *testing.T) {
	fake := clock.NewFake(time.Unix(0, 0))
	r := start(t, Options{Clock: fake})
	if _, err := eval(t, r, `
		globalThis.log = [];
		setTimeout(() => log.push("b"), 20);
		setTimeout(() => log.push("a"), 10);
		setTimeout((x, y) => log.push(x + y), 20, "c", "d");
		const stopped = setTimeout(() => log.push("never"), 5);
		clearTimeout(stopped);
		let n = 0;
		const id = setInterval(() => { log.push("i"); if (++n === 2) clearInterval(id) }, 15);`); err != nil {
		t.Fatal(err)
	}
	for range 60 {
		fake.Advance(time.Millisecond)
		do(t, r, func(*VM) {})
	}
	got, err := eval(t, r, `log.join(" ")`)
	if err != nil || got != "a i b cd i" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCauseTravelsThroughAwaitsAndTimers(t *testing.T) {
	fake := clock.NewFake(time.Unix(0, 0))
	r := start(t, Options{Clock: fake})
	var mu sync.Mutex
	var seen []string
	p, err := Compile("test.js", `(async (name) => {
		note(name + " start");
		await null;
		note(name + " await");
		await new Promise(done => setTimeout(done, 10));
		note(name + " timer");
		queueMicrotask(() => note(name + " microtask"));
		[1].forEach(() => Promise.resolve().then(() => note(name + " then")));
	})`, nil)
	if err != nil {
		t.Fatal(err)
	}
	var handler goja.Callable
	do(t, r, func(v *VM) {
		_ = v.Goja().Set("note", func(name string) {
			mu.Lock()
			seen = append(seen, fmt.Sprintf("%s=%d", name, v.Cause()))
			mu.Unlock()
		})
		fn, err := v.Run(p)
		if err != nil {
			t.Fatal(err)
		}
		handler, _ = goja.AssertFunction(fn)
	})
	for i, name := range []string{"x", "y"} {
		doCause(t, r, uint64(i+1), func(v *VM) {
			if _, err := v.Call(handler, goja.Undefined(), v.Goja().ToValue(name)); err != nil {
				t.Error(err)
			}
		})
	}
	fake.Advance(10 * time.Millisecond)
	do(t, r, func(*VM) {})
	do(t, r, func(*VM) {})
	do(t, r, func(*VM) {})
	mu.Lock()
	defer mu.Unlock()
	for _, line := range seen {
		want := "=1"
		if line[0] == 'y' {
			want = "=2"
		}
		if !strings.HasSuffix(line, want) {
			t.Errorf("%s, wanted %s", line, want)
		}
	}
	if len(seen) != 10 {
		t.Errorf("saw %v", seen)
	}
}

func TestUnhandledRejectionsAreReportedOnce(t *testing.T) {
	errs := make(chan error, 10)
	r := start(t, Options{OnError: func(err error) { errs <- err }})
	if _, err := eval(t, r, `
		Promise.reject(new TypeError("lost"));
		const late = Promise.reject(new Error("taken in time"));
		Promise.resolve().then(() => late.catch(() => {}));
		queueMicrotask(() => { throw new RangeError("in a microtask") });
		0`); err != nil {
		t.Fatal(err)
	}
	do(t, r, func(*VM) {})
	close(errs)
	var got []string
	for err := range errs {
		got = append(got, err.Error())
	}
	want := "Unhandled rejection: TypeError: lost|Unhandled rejection: RangeError: in a microtask"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
}

func TestEngineNeverLooksForASourceMap(t *testing.T) {
	r := start(t, Options{})
	for _, code := range []string{
		"eval('1\\n//# sourceMappingURL=file:///etc/hostname')",
		"new Function('return 1\\n//# sourceMappingURL=/nowhere/at/all')()",
		"1\n//# sourceMappingURL=/nowhere/at/all",
	} {
		if got, err := eval(t, r, code); err != nil || got != "1" {
			t.Errorf("%q: got %q, %v", code, got, err)
		}
	}
}

func TestGlobalsCanBeReplacedAndAreFound(t *testing.T) {
	r := start(t, Options{})
	for _, c := range [][2]string{
		{`typeof setTimeout`, "function"},
		{`'console' in globalThis`, "true"},
		{`typeof nothing`, "undefined"},
		{`globalThis.setTimeout = 5; setTimeout`, "5"},
		{`var clearTimeout = 6; globalThis.clearTimeout`, "6"},
		{`console.log.name`, "log"},
		{`(() => { "use strict"; try { console.log = 1; return "set" } catch (e) { return e.name } })()`, "TypeError"},
		{`new URL("https://example.org/a?b=c").searchParams.get("b")`, "c"},
		{`Buffer.from("hi").toString("base64")`, "aGk="},
		{`typeof require`, "undefined"},
		{`Object.keys(globalThis).join()`, "setTimeout,clearTimeout"},
	} {
		if got, err := eval(t, r, c[0]); err != nil || got != c[1] {
			t.Errorf("%s: got %q, %v; wanted %q", c[0], got, err, c[1])
		}
	}
}
