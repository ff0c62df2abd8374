package jsruntime

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestRunningPastTheLimitEndsTheRuntime(t *testing.T) {
	for _, code := range []string{
		`while (true) {}`,
		`(function f() { Promise.resolve().then(f) })()`,
		`(async function () { for (;;) await 0 })()`,
		`for (const x of (function* () { for (;;) yield 1 })()) {}`,
		`try { while (true) {} } finally { while (true) {} }`,
	} {
		r := start(t, Options{Running: 20 * time.Millisecond})
		if _, err := eval(t, r, code); !errors.Is(err, ErrTimedOut) {
			t.Errorf("%s: got %v, wanted ErrTimedOut", code, err)
		}
		<-r.Done()
		if !errors.Is(r.Err(), ErrTimedOut) {
			t.Errorf("%s: runtime ended with %v", code, r.Err())
		}
		if err := r.Post(Work, 0, func(*VM) {}, nil); !errors.Is(err, ErrTimedOut) {
			t.Errorf("%s: post after the end: %v", code, err)
		}
	}
}

func TestPanicOfTheEngineEndsOnlyTheRuntime(t *testing.T) {
	r := start(t, Options{})
	_, err := eval(t, r, `for (const x of {[Symbol.iterator]: () => ({})}) {}`)
	var panicked *PanicError
	if !errors.As(err, &panicked) {
		t.Fatalf("got %v, wanted a PanicError", err)
	}
	<-r.Done()
	if !errors.As(r.Err(), &panicked) || len(panicked.Stack) == 0 {
		t.Fatalf("runtime ended with %v", r.Err())
	}
}

func TestStackOverflowEndsTheRuntime(t *testing.T) {
	for _, code := range []string{`(function f() { f() })()`, `(function f() { [1].forEach(f) })()`, `JSON.stringify({toJSON() { return JSON.stringify(this) }})`} {
		r := start(t, Options{})
		if _, err := eval(t, r, code); !errors.Is(err, ErrStackOverflow) {
			t.Errorf("%s: got %v, wanted ErrStackOverflow", code, err)
		}
	}
}

func TestCloseEndsAnythingThatRuns(t *testing.T) {
	r := New(Options{Running: time.Minute})
	p, err := Compile("test.js", `started(); while (true) {}`, nil)
	if err != nil {
		t.Fatal(err)
	}
	started, dropped := make(chan bool), make(chan error, 1)
	_ = r.Post(Work, 0, func(v *VM) {
		_ = v.Goja().Set("started", func() { close(started) })
		_, _ = v.Run(p)
	}, nil)
	_ = r.Post(Work, 0, func(*VM) { t.Error("a job ran after Close") }, func(err error) { dropped <- err })
	<-started
	if err := r.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := <-dropped; !errors.Is(err, ErrClosed) {
		t.Errorf("waiting job was dropped with %v", err)
	}
	if err := r.Close(context.Background()); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}
