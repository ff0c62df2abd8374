package jsruntime

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dop251/goja"
)

func TestErrorsAreReadWhateverTheirGettersDo(t *testing.T) {
	for _, c := range []struct{ js, want string }{
		{`throw new TypeError("m")`, "TypeError: m"},
		{`throw Object.defineProperty(new Error("m"), "name", {get() { throw 1 }})`, "m"},
		{`throw Object.defineProperty(new RangeError("m"), "message", {get() { throw 1 }})`, "RangeError"},
		{`throw Object.defineProperty(new RangeError("m"), "stack", {get() { throw 1 }})`, "RangeError: m"},
		{`throw Object.defineProperty(new RangeError("m"), "cause", {get() { throw 1 }})`, "RangeError: m"},
		{`throw Object.assign(new Error("m"), {name: 5, message: {}})`, "Error"},
		{`throw new Error("x".repeat(1e6))`, strings.Repeat("x", maxMessage) + "…"},
		{`throw Object.assign(new Error("m"), {name: "N".repeat(1e6)})`, strings.Repeat("N", maxName) + "…: m"},
		{`throw 5`, "thrown: 5"},
		{`throw "text"`, "thrown: text"},
		{`throw undefined`, "thrown: undefined"},
		{`throw null`, "thrown: null"},
		{`throw {a: 1}`, "thrown: { a: 1 }"},
		{`throw Symbol("s")`, "thrown: Symbol(s)"},
		{`throw new Proxy(new Error("m"), {get() { throw 1 }})`, "m"},
		{`throw new Proxy({}, {get() { throw 1 }, ownKeys() { throw 2 }})`, "thrown: {}"},
		{`null.x`, "TypeError: Cannot read property 'x' of undefined"},
		{`eval("}")`, "SyntaxError: <eval>: Line 1:1 Unexpected token }"},
	} {
		r := start(t, Options{})
		_, err := eval(t, r, c.js)
		var described *Error
		if !errors.As(err, &described) || err.Error() != c.want {
			t.Errorf("%s:\n got    %.200v\n wanted %.200s", c.js, err, c.want)
		}
		if r.Err() != nil {
			t.Errorf("%s ended the runtime: %v", c.js, r.Err())
		}
	}
}

func TestCausesAreFollowedToABound(t *testing.T) {
	r := start(t, Options{})
	_, err := eval(t, r, `let e; for (let i = 0; i < 100; i++) e = new Error("e" + i, {cause: e}); throw e`)
	n := 0
	for e, _ := err.(*Error); e != nil; e = e.Cause {
		n++
	}
	if n != maxCauses+1 {
		t.Errorf("%d errors, wanted %d", n, maxCauses+1)
	}
	_, err = eval(t, r, `const c = new Error("self"); c.cause = c; throw c`)
	if err == nil || len(err.(*Error).Stack()) > 1000 {
		t.Errorf("an error that is its own cause: %v", err)
	}
}

func TestLinesOfAMessageAreNoFrames(t *testing.T) {
	_, err := eval(t, start(t, Options{}), `throw new Error("first\n    at fake (evil.js:1:1)\n    at evil.js:2:2")`)
	if frames := err.(*Error).Frames; len(frames) != 1 || frames[0].String() != "test.js:1:7" {
		t.Errorf("got %v", frames)
	}
}

func TestFramesAreBounded(t *testing.T) {
	_, err := eval(t, start(t, Options{}), `(function f(n) { if (n === 0) throw new Error("deep"); f(n - 1) })(500)`)
	if n := len(err.(*Error).Frames); n == 0 || n > maxFrames {
		t.Errorf("%d frames", n)
	}
	_, err = eval(t, start(t, Options{}), `throw Object.assign(new Error("m"), {stack: "Error: m\n" + "    at f (a.js:1:1)\n".repeat(1e5)})`)
	if n := len(err.(*Error).Frames); n != maxFrames {
		t.Errorf("%d frames, wanted %d", n, maxFrames)
	}
}

// The names of the language's errors are the plugin's to change: what the host
// throws must arrive all the same.
func TestHostErrorsArriveWhateverThePluginDidToTheClasses(t *testing.T) {
	for _, js := range []string{
		``, `delete globalThis.Error; delete globalThis.RangeError`, `globalThis.Error = globalThis.RangeError = 5`,
		`globalThis.Error = globalThis.RangeError = class { constructor() { throw 1 } }`,
		`globalThis.Error = globalThis.RangeError = () => {}`,
		`globalThis.Error = globalThis.RangeError = function () { return new Proxy({}, {defineProperty() { throw 1 }}) }`,
		`Error.prototype.constructor = null; Object.freeze(Error.prototype)`,
		`Object.defineProperty(globalThis, "RangeError", {get() { throw 1 }}); Object.defineProperty(globalThis, "Error", {get() { throw 1 }})`,
	} {
		r := start(t, Options{})
		if _, err := eval(t, r, js); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Error", "RangeError", "TypeError", "PermissionError"} {
			do(t, r, func(v *VM) {
				_ = v.goja.Set("fail", func(goja.FunctionCall) goja.Value { v.Throw(&Error{Name: name, Message: "no"}); return nil })
			})
			_, err := eval(t, r, `fail()`)
			var described *Error
			if !errors.As(err, &described) {
				t.Errorf("after %q: %s came as %v", js, name, err)
			}
			if js == "" && (described.Name != name || described.Message != "no") {
				t.Errorf("got %+v, wanted %s", described, name)
			}
		}
		if r.Err() != nil {
			t.Errorf("after %q the runtime ended: %v", js, r.Err())
		}
	}
}

func TestParseFrameReadsWhatTheEngineWrites(t *testing.T) {
	for line, want := range map[string]string{
		"\tat f (a.js:1:2(3))":              "f|a.js|1|2",
		"\tat a.js:1:2(3)":                  "|a.js|1|2",
		"    at f (a.js:1:2)":               "f|a.js|1|2",
		"at async g (dir/a b.ts:10:20)":     "async g|dir/a b.ts|10|20",
		"\tat my fn (x) (a.js:1:2(3))":      "my fn (x)|a.js|1|2",
		"\tat <eval>:1:2(3)":                "|<eval>|1|2",
		"\tat f (innkeeper:engine:1:2(3))":  "f|innkeeper:engine|1|2",
		"\tat native":                       "none",
		"\tat f (native)":                   "none",
		"TypeError: at f (a.js:1:2)":        "none",
		"at a.js:0:2":                       "none",
		"at a.js:1:-2":                      "none",
		"at a.js:99999999999999999999999:1": "none",
		"at ":                               "none",
		"at (":                              "none",
		"at  ()":                            "none",
		"at ::":                             "none",
		"at :1:2":                           "||1|2",
	} {
		got := "none"
		if f, ok := parseFrame(line); ok {
			got = fmt.Sprintf("%s|%s|%d|%d", f.Func, f.File, f.Line, f.Column)
		}
		if got != want {
			t.Errorf("%q: got %s, wanted %s", line, got, want)
		}
	}
}

func FuzzParseFrame(f *testing.F) {
	for _, line := range []string{"\tat f (a.js:1:2(3))", "\tat a.js:1:2(3)", "at my fn (x) (a.js:1:2(3))", "at f (native)", "at (:1:1)", "at x (y) (z:1:2"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		frame, ok := parseFrame(line)
		if !ok {
			return
		}
		if frame.Line < 1 || frame.Column < 0 || len(frame.Func) > maxName+3 || len(frame.File) > maxFile+3 {
			t.Errorf("%q gave %+v", line, frame)
		}
		// What was read can be written and read again, unless a name was cut or
		// looks like a place itself.
		if strings.ContainsAny(frame.File+frame.Func, "()\n\r …\t") || strings.TrimSpace(frame.Func) != frame.Func {
			return
		}
		again, ok := parseFrame("at " + frame.String())
		if !ok || again != frame {
			t.Errorf("%q gave %+v, which reads as %+v, %v", line, frame, again, ok)
		}
	})
}
