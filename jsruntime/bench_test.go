package jsruntime

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/internal/clock"
)

// What stands beside a floor is to be read as a ratio of it, in the same run.

// handlerCode is a small handler, and the constructor that makes its message of
// flat values: one compiled call for both.
const handlerCode = `(() => {
	const handle = m => m.content === "!ping" && m.author.id !== "" ? m.channel : ""
	const deliver = (id, channel, thread, replyTo, role, authorId, authorName, bot, content, createdAt) =>
		handle({id, channel, thread, replyTo, role, author: {id: authorId, name: authorName, bot}, content, metadata: {}, createdAt})
	return {handle, deliver}
})()`

var messageFields = []any{"m1", "general", "t1", "m0", "user", "u1", "Ada", false, "!ping", "2026-11-24T12:00:00.000Z"}

func handlers(b *testing.B, v *VM) (handle, deliver goja.Callable) {
	b.Helper()
	p, err := Compile("handler.js", handlerCode, nil)
	if err != nil {
		b.Fatal(err)
	}
	made, err := v.Run(p)
	if err != nil {
		b.Fatal(err)
	}
	handle, _ = goja.AssertFunction(made.ToObject(v.goja).Get("handle"))
	deliver, _ = goja.AssertFunction(made.ToObject(v.goja).Get("deliver"))
	return handle, deliver
}

// BenchmarkCall is a message into a handler as a host sends it: a job is posted,
// and what it returns is waited for.
func BenchmarkCall(b *testing.B) {
	r := start(b, Options{})
	var deliver goja.Callable
	do(b, r, func(v *VM) { _, deliver = handlers(b, v) })
	result := make(chan string, 1)
	drop := func(err error) { result <- err.Error() }
	job := func(v *VM) {
		args := make([]goja.Value, len(messageFields))
		for i, field := range messageFields {
			args[i] = v.goja.ToValue(field)
		}
		value, err := v.Call(deliver, goja.Undefined(), args...)
		if err != nil {
			result <- err.Error()
			return
		}
		result <- value.String()
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Post(Work, 1, job, drop); err != nil {
			b.Fatal(err)
		}
		if got := <-result; got != "general" {
			b.Fatal(got)
		}
	}
}

// BenchmarkCallStream is the same, waiting only for each five hundredth: what a
// busy chat costs a message, with the change of goroutines shared by many.
func BenchmarkCallStream(b *testing.B) {
	const batch = 500
	r := start(b, Options{})
	var deliver goja.Callable
	do(b, r, func(v *VM) { _, deliver = handlers(b, v) })
	job := func(v *VM) {
		args := make([]goja.Value, len(messageFields))
		for i, field := range messageFields {
			args[i] = v.goja.ToValue(field)
		}
		if _, err := v.Call(deliver, goja.Undefined(), args...); err != nil {
			b.Error(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for range batch - 1 {
			if err := r.Post(Work, 1, job, nil); err != nil {
				b.Fatal(err)
			}
		}
		do(b, r, job)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/message")
}

// BenchmarkCallFloor is the floor of both: a bare call of the engine on the
// caller's goroutine, with an object built by hand.
func BenchmarkCallFloor(b *testing.B) {
	g := goja.New()
	made, err := g.RunString(handlerCode)
	if err != nil {
		b.Fatal(err)
	}
	handle, _ := goja.AssertFunction(made.ToObject(g).Get("handle"))
	names := []string{"id", "channel", "thread", "replyTo", "role", "", "", "", "content", "createdAt"}
	b.ReportAllocs()
	for b.Loop() {
		m, author := g.NewObject(), g.NewObject()
		for i, name := range names {
			if name != "" {
				_ = m.Set(name, messageFields[i])
			}
		}
		_ = author.Set("id", messageFields[5])
		_ = author.Set("name", messageFields[6])
		_ = author.Set("bot", messageFields[7])
		_ = m.Set("author", author)
		_ = m.Set("metadata", g.NewObject())
		value, err := handle(goja.Undefined(), m)
		if err != nil || value.String() != "general" {
			b.Fatal(value, err)
		}
	}
}

// BenchmarkNew makes and closes a runtime, and says what one holds while it is
// idle.
func BenchmarkNew(b *testing.B) {
	b.Run("runtime", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = New(Options{}).Close(context.Background())
		}
	})
	b.Run("floor", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			runtime.KeepAlive(goja.New())
		}
	})
	b.Run("held", func(b *testing.B) {
		for b.Loop() { // it would clear the figures that follow
		}
		b.ReportMetric(0, "ns/op")
		held(b, "B/runtime", func() any { return New(Options{}) }, func(x any) { _ = x.(*Runtime).Close(context.Background()) })
		held(b, "B/floor", func() any { return goja.New() }, func(any) {})
	})
}

// held reports how much memory one of many keeps, the stack of its goroutine
// included.
func held(b *testing.B, unit string, make1 func() any, end func(any)) {
	const n = 2000
	used := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	before := used()
	all := make([]any, n)
	for i := range all {
		all[i] = make1()
	}
	b.ReportMetric(float64(used()-before)/n, unit)
	for _, x := range all {
		end(x)
	}
}

// BenchmarkTimer sets a timeout and lets it fire, ten thousand at a time.
func BenchmarkTimer(b *testing.B) {
	const batch = 10_000
	fake := clock.NewFake(time.Unix(0, 0))
	r := start(b, Options{Clock: fake, Timers: batch})
	p, err := Compile("timers.js", `fired = 0; for (let i = 0; i < 10000; i++) setTimeout(() => { fired++ }, i % 100 + 1)`, nil)
	if err != nil {
		b.Fatal(err)
	}
	check, err := Compile("check.js", `fired`, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		do(b, r, func(v *VM) {
			if _, err := v.Run(p); err != nil {
				b.Fatal(err)
			}
		})
		fake.Advance(time.Second)
		for fired := int64(0); fired < batch; {
			do(b, r, func(v *VM) {
				value, err := v.Run(check)
				if err != nil {
					b.Fatal(err)
				}
				fired = value.ToInteger()
			})
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/timer")
}

// BenchmarkDeferred is a host call: a promise is made, another goroutine settles
// it, and a function that awaits it goes on.
func BenchmarkDeferred(b *testing.B) {
	r := start(b, Options{})
	p, err := Compile("deferred.js", `(async () => await call())`, nil)
	if err != nil {
		b.Fatal(err)
	}
	settle := make(chan *Deferred)
	go func() {
		for d := range settle {
			d.Settle(func(v *VM) (goja.Value, error) { return v.goja.ToValue(42), nil })
		}
	}()
	defer close(settle)
	var fn goja.Callable
	do(b, r, func(v *VM) {
		_ = v.goja.Set("call", func(goja.FunctionCall) goja.Value {
			promise, d, err := v.Defer()
			if err != nil {
				v.Throw(err)
			}
			settle <- d
			return promise
		})
		value, err := v.Run(p)
		if err != nil {
			b.Fatal(err)
		}
		fn, _ = goja.AssertFunction(value)
	})
	result := make(chan int64, 1)
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Post(Work, 1, func(v *VM) {
			promise, err := v.Call(fn, goja.Undefined())
			if err != nil {
				b.Error(err)
				result <- 0
				return
			}
			v.Settle(promise, func(value goja.Value, err error) {
				if err != nil {
					b.Error(err)
					result <- 0
					return
				}
				result <- value.ToInteger()
			})
		}, nil); err != nil {
			b.Fatal(err)
		}
		if got := <-result; got != 42 {
			b.Fatal(got)
		}
	}
}

// BenchmarkLog is a line of console with an object in it.
func BenchmarkLog(b *testing.B) {
	r := start(b, Options{})
	p, err := Compile("log.js", `({text: "hello", list: [1, 2, 3], author: {id: "u1", name: "Ada"}, at: new Date(0), seen: new Map([["a", 1]])})`, nil)
	if err != nil {
		b.Fatal(err)
	}
	do(b, r, func(v *VM) {
		value, err := v.Run(p)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			v.Inspect(value)
		}
	})
}
