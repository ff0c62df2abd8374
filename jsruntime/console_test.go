package jsruntime

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper/internal/clock"
)

// lines is a slog.Handler that keeps what is written: "LEVEL text source".
type lines struct {
	mu    sync.Mutex
	level slog.Level
	list  []string
}

func (l *lines) Enabled(_ context.Context, level slog.Level) bool { return level >= l.level }
func (l *lines) WithAttrs([]slog.Attr) slog.Handler               { return l }
func (l *lines) WithGroup(string) slog.Handler                    { return l }
func (l *lines) Handle(_ context.Context, record slog.Record) error {
	line := record.Level.String() + " " + record.Message
	record.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, line)
	return nil
}

// taken returns what was written since the last call.
func (l *lines) taken() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	return list
}

func run(t testing.TB, r *Runtime, code string) {
	t.Helper()
	if _, err := eval(t, r, code); err != nil {
		t.Fatalf("%s: %v", code, err)
	}
}

func TestConsoleWritesWithLevelAndSource(t *testing.T) {
	log := &lines{level: slog.LevelDebug}
	r := start(t, Options{Logger: slog.New(log)})
	for code, want := range map[string]string{
		`console.debug("d")`:                               "DEBUG d source=test.js:1",
		`console.log("l %s", 1)`:                           "INFO l 1 source=test.js:1",
		"\n\nconsole.info({a: 1})":                         "INFO { a: 1 } source=test.js:3",
		`console.warn("w", [1])`:                           "WARN w [ 1 ] source=test.js:1",
		`console.error(new TypeError("e"))`:                "ERROR TypeError: e\n    at test.js:1:15 source=test.js:1",
		`console.log()`:                                    "INFO  source=test.js:1",
		`console.dir("100%", {depth: 0})`:                  "INFO '100%' source=test.js:1",
		`console.assert(false)`:                            "ERROR Assertion failed source=test.js:1",
		`console.assert(0, "because %d", 1)`:               "ERROR Assertion failed: because 1 source=test.js:1",
		`console.assert(true, "not")`:                      "",
		"[1].forEach(x =>\nconsole.log(x))":                "INFO 1 source=test.js:2",
		`const {log} = console; log("detached")`:           "INFO detached source=test.js:1",
		"(function f() { console.trace('here') })()":       "DEBUG Trace: here\n    at f (test.js:1:30)\n    at test.js:1:41 source=test.js:1",
		"eval('\\n\\nconsole.log(1)')":                     "INFO 1 source=<eval>:3",
		"Promise.resolve(1).then(\nv => console.log(v))":   "INFO 1 source=test.js:2",
		"(async () => { await 0\nconsole.log('late') })()": "INFO late source=test.js:2",
	} {
		run(t, r, code)
		if got := strings.Join(log.taken(), "|"); got != want {
			t.Errorf("%q:\n got    %q\n wanted %q", code, got, want)
		}
	}
}

func TestLevelsThatAreOffCostNothing(t *testing.T) {
	log := &lines{level: slog.LevelWarn}
	r := start(t, Options{Logger: slog.New(log)})
	run(t, r, `globalThis.ran = 0
		const loud = {toString() { ran++ }, get [Symbol.toStringTag]() { ran++; return "x" }}
		console.log("%s", loud); console.debug(loud); console.trace("%s", loud); console.error("shown")`)
	if got := log.taken(); len(got) != 1 || !strings.HasPrefix(got[0], "ERROR shown") {
		t.Errorf("got %q", got)
	}
	if ran, err := eval(t, r, `ran`); err != nil || ran != "0" {
		t.Errorf("a line that nobody reads ran the plugin's code %s times, %v", ran, err)
	}
}

func TestLinesPastTheRateAreCountedAndDropped(t *testing.T) {
	fake, log := clock.NewFake(time.Unix(0, 0)), &lines{}
	r := start(t, Options{Clock: fake, Logger: slog.New(log), LogRate: 2})
	run(t, r, `for (let i = 0; i < 50; i++) console.log(i)`)
	if got := log.taken(); len(got) != 20 || !strings.HasPrefix(got[19], "INFO 19 ") {
		t.Errorf("%d lines at once, wanted ten seconds' worth: %q", len(got), got)
	}
	fake.Advance(499 * time.Millisecond)
	run(t, r, `console.log("too early")`)
	if got := log.taken(); len(got) != 0 {
		t.Errorf("got %q before half a second had passed", got)
	}
	fake.Advance(time.Millisecond)
	run(t, r, `console.log("one"); console.log("two")`)
	want := "WARN 31 log lines were dropped: more than 2 a second|INFO one source=test.js:1"
	if got := strings.Join(log.taken(), "|"); got != want {
		t.Errorf("got    %q\nwanted %q", got, want)
	}
	fake.Advance(time.Hour)
	run(t, r, `for (let i = 0; i < 50; i++) console.log(i)`)
	if got := log.taken(); len(got) != 21 || got[0] != "WARN 1 log lines were dropped: more than 2 a second" {
		t.Errorf("after an hour %d lines: %q", len(got), got)
	}
}

func TestEachRuntimeHasItsOwnRate(t *testing.T) {
	fake, log := clock.NewFake(time.Unix(0, 0)), &lines{}
	for range 3 {
		r := start(t, Options{Clock: fake, Logger: slog.New(log), LogRate: 1})
		run(t, r, `for (let i = 0; i < 11; i++) console.log(i)`)
	}
	if n := len(log.taken()); n != 30 {
		t.Errorf("%d lines, wanted 10 of each", n)
	}
}

func TestTimersAreBoundedEvenWhereTheDelaySetsMore(t *testing.T) {
	r := start(t, Options{Timers: 10, Clock: clock.NewFake(time.Unix(0, 0))})
	got, err := eval(t, r, `let set = 0, refused = ""
		const delay = {valueOf() { if (set < 100) { set++; nest() } return 1000 }}
		function nest() { setTimeout(() => {}, delay) }
		try { nest() } catch (e) { refused = e.name + ": " + e.message }
		refused`)
	if err != nil || got != "RangeError: too many timers: the limit is 10" {
		t.Errorf("got %q, %v", got, err)
	}
	do(t, r, func(v *VM) {
		if n := len(v.timers.byID); n != 10 {
			t.Errorf("%d timers are set, wanted 10", n)
		}
	})
}

func TestTimersRefuseWhatIsNoFunctionOrNumber(t *testing.T) {
	r := start(t, Options{})
	for _, code := range []string{`setTimeout("code")`, `setTimeout()`, `setTimeout(() => {}, 1n)`, `setTimeout(() => {}, Symbol())`, `setInterval({})`, `setTimeout(() => {}, {valueOf() { throw new TypeError("x") }})`} {
		got, err := eval(t, r, fmt.Sprintf(`try { %s; "set" } catch (e) { e.name }`, code))
		if err != nil || got != "TypeError" {
			t.Errorf("%s: got %s, %v", code, got, err)
		}
	}
	run(t, r, `clearTimeout(); clearTimeout(null); clearTimeout("x"); clearInterval({}); clearTimeout(-1)`)
	if r.Err() != nil {
		t.Error(r.Err())
	}
}
