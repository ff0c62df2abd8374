package jsruntime

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/dop251/goja"
	"github.com/evanw/esbuild/pkg/api"
)

// built builds TypeScript as plugins are built, with its map kept apart.
func built(t testing.TB, source string, o api.TransformOptions) *Program {
	t.Helper()
	o.Loader, o.Sourcefile, o.Sourcemap = api.LoaderTS, "src/index.ts", api.SourceMapExternal
	o.Target = api.ES2022
	result := api.Transform(source, o)
	if len(result.Errors) > 0 {
		t.Fatal(result.Errors[0].Text)
	}
	p, err := Compile("plugin.js", string(result.Code), result.Map)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// place is where a mark /*name*/ ends in the source: line and column from 1, the
// column in UTF-16 units as editors and Node count.
func place(t testing.TB, source, name string) string {
	t.Helper()
	before, _, ok := strings.Cut(source, "/*"+name+"*/")
	if !ok {
		t.Fatalf("there is no mark %s", name)
	}
	line := before[strings.LastIndexByte(before, '\n')+1:] + "/*" + name + "*/"
	return fmt.Sprintf("src/index.ts:%d:%d", strings.Count(before, "\n")+1, len(utf16.Encode([]rune(line)))+1)
}

const failing = `// Each function fails at its mark; the second frame is at the mark of the call.
interface Unused { gone: string }

function thrown(x: number): never {
	const pad = "ünïcödé 😀 日本語"; if (x > 0) { throw /*thrown*/new Error("thrown " + pad.length) }
	throw 1
}
function calls() { const s = "😀😀"; /*calls*/thrown(s.length) }
async function afterAwait() {
	await null
	const é = "ß"; await /*first*/Promise.resolve(é)
	throw /*afterAwait*/new TypeError("late")
}
function rejected() { return Promise.reject(/*rejected*/new RangeError("no")) }
function caused() {
	try { /*try*/calls() } catch (e) { throw /*caused*/new Error("outer", {cause: e}) }
}
function native() { const n: any = null; return "日本", n./*native*/missing }
function inEval() { return /*inEval*/eval("1;\n  null.x") }
class Plugin { #x = 1; method() { const t = ` + "`ü\n\tzwei ${1}`" + `; return [t].map(() => /*arrow*/thrown(1)) } }
const all = {thrown, calls, afterAwait, rejected, caused, native, inEval, method: () => /*method*/new Plugin().method()}
;(globalThis as any).all = all
`

func TestFramesNameThePluginsOwnLines(t *testing.T) {
	for name, o := range map[string]api.TransformOptions{
		"whitespace":            {MinifyWhitespace: true},
		"whitespace, not ASCII": {MinifyWhitespace: true, Charset: api.CharsetUTF8},
		"minified":              {MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true, Format: api.FormatIIFE, Charset: api.CharsetUTF8},
		"plain, not ASCII":      {Charset: api.CharsetUTF8},
	} {
		t.Run(name, func(t *testing.T) {
			p := built(t, failing, o)
			for _, c := range []struct {
				fn     string
				frames []string // marks, innermost first
			}{
				{"thrown", []string{"thrown"}},
				{"calls", []string{"thrown", "calls"}},
				{"afterAwait", []string{"afterAwait"}},
				{"rejected", []string{"rejected"}},
				{"caused", []string{"caused"}},
				{"native", []string{"native"}},
				{"method", []string{"thrown", "arrow"}},
			} {
				got := failure(t, start(t, Options{}), p, c.fn)
				if got == nil {
					continue
				}
				var at []string
				for _, f := range got.Frames {
					at = append(at, fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column))
				}
				for k, mark := range c.frames {
					if want := place(t, failing, mark); k >= len(at) || at[k] != want {
						t.Errorf("%s: frame %d of %s, wanted %s", c.fn, k, strings.Join(at, " "), want)
					}
				}
				if cause := got.Cause; c.fn == "caused" && (cause == nil || len(cause.Frames) < 2 ||
					!strings.Contains(cause.Frames[1].String(), place(t, failing, "calls"))) {
					t.Errorf("caused: the cause is %+v", cause)
				}
			}
		})
	}
}

// failure is what a function of failing comes to.
func failure(t testing.TB, r *Runtime, p *Program, fn string) *Error {
	t.Helper()
	result := make(chan error, 1)
	do(t, r, func(v *VM) {
		if _, err := v.Run(p); err != nil {
			result <- err
			return
		}
		call, _ := goja.AssertFunction(v.goja.Get("all").ToObject(v.goja).Get(fn))
		value, err := v.Call(call, goja.Undefined(), v.goja.ToValue(1))
		if err != nil {
			result <- err
			return
		}
		v.Settle(value, func(_ goja.Value, err error) { result <- err })
	})
	err := <-result
	described, ok := err.(*Error)
	if !ok {
		t.Errorf("%s came to %v", fn, err)
	}
	return described
}

func TestFramesKeepTheFunctionThatTheyAreIn(t *testing.T) {
	p := built(t, `function inner() { throw new Error("x") }
function outer() { inner() }
(globalThis as any).all = {outer: () => outer()}`, api.TransformOptions{MinifyWhitespace: true, MinifyIdentifiers: true, Format: api.FormatIIFE})
	got := failure(t, start(t, Options{}), p, "outer")
	if len(got.Frames) < 2 || got.Frames[1].Line != 2 || got.Frames[1].Func == "inner" {
		t.Errorf("got %v: the second frame is in outer, which calls inner", got.Frames)
	}
}

func TestEveryProgramThatRanHasItsMap(t *testing.T) {
	r := start(t, Options{})
	p := built(t, failing, api.TransformOptions{MinifyWhitespace: true})
	other, err := Compile("other.js", "1", nil)
	if err != nil {
		t.Fatal(err)
	}
	do(t, r, func(v *VM) {
		for _, p := range []*Program{p, other} {
			if _, err := v.Run(p); err != nil {
				t.Fatal(err)
			}
		}
		call, _ := goja.AssertFunction(v.goja.Get("all").ToObject(v.goja).Get("thrown"))
		_, err := v.Call(call, goja.Undefined(), v.goja.ToValue(1))
		if frames := err.(*Error).Frames; !strings.Contains(frames[0].String(), place(t, failing, "thrown")) {
			t.Errorf("after another program ran: %v", frames)
		}
	})
}

func TestEvalCodeHasFramesOfItsOwn(t *testing.T) {
	got := failure(t, start(t, Options{}), built(t, failing, api.TransformOptions{MinifyWhitespace: true}), "inEval")
	if len(got.Frames) < 2 || got.Frames[0].File != "<eval>" || got.Frames[0].Line != 2 {
		t.Errorf("got %v", got.Frames)
	}
	found := false
	for _, f := range got.Frames {
		found = found || strings.Contains(f.String(), place(t, failing, "inEval"))
	}
	if !found {
		t.Errorf("got %v, wanted the caller of eval among them", got.Frames)
	}
}

// A map is foreign bytes, and its reader panics on some.
func TestHostileMapsOnlySpoilTheFrames(t *testing.T) {
	maps := []string{
		"", "x", "{}", "[]", "null", `{"version":3}`, `{"version":4,"mappings":"AAAA"}`,
		`{"version":3,"sources":[],"mappings":"AAAA"}`,
		`{"version":3,"sources":["a"],"mappings":"AgggggggggggggggE"}`,
		`{"version":3,"sources":["a"],"mappings":"ADDD"}`,
		`{"version":3,"sources":["a"],"mappings":"ACAA"}`,
		`{"version":3,"sources":["a"],"mappings":"AADD"}`,
		`{"version":3,"sources":["a"],"names":[""],"mappings":"AAAAC"}`,
		`{"version":3,"sources":["a"],"names":[],"mappings":"AAAAD"}`,
		`{"version":3,"sources":["a"],"names":["\""],"mappings":"AAAAA"}`,
		`{"version":3,"sources":["` + strings.Repeat("a", 1e6) + `"],"mappings":"AAAA"}`,
		`{"version":3,"sources":["%zz"],"sourceRoot":"http://%zz","mappings":"AAAA"}`,
		`{"version":3,"sections":[{"offset":{"line":-5,"column":0},"map":null}]}`,
		`{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":{"version":3,"sources":["a"],"mappings":"AAAA"}}]}`,
		`{"version":3,"sources":["a"],"mappings":"` + strings.Repeat(";", 1e5) + `AAAA"}`,
	}
	for _, m := range maps {
		p, err := Compile("plugin.js", `throw new Error("é")`, []byte(m))
		if err != nil {
			t.Fatal(err)
		}
		r := start(t, Options{})
		do(t, r, func(v *VM) {
			_, err := v.Run(p)
			described, ok := err.(*Error)
			if !ok || described.Message != "é" || len(described.Frames) != 1 {
				t.Fatalf("map %.100s: got %v", m, err)
			}
			if f := described.Frames[0]; f.Line < 1 || f.Column < 1 || len(f.File) > maxFile+3 {
				t.Errorf("map %.100s: frame %.200v", m, f)
			}
		})
		if r.Err() != nil {
			t.Errorf("map %.100s ended the runtime: %v", m, r.Err())
		}
	}
}

func TestColumnsCountUnitsOfTheLine(t *testing.T) {
	code := strings.Repeat("é", 700) + "\n" + "a😀b\r\nz\u2028日\rq" + strings.Repeat("日😀", 800)
	c := newColumns(code)
	line, start := 1, 0
	for at := range len(code) + 1 {
		if at == len(code) || code[at]&0xC0 != 0x80 {
			want := len(utf16.Encode([]rune(code[start:at])))
			if got := c.units(line, at-start); got != want {
				t.Fatalf("line %d, byte %d: got %d, wanted %d", line, at-start, got, want)
			}
		}
		if at < len(code) {
			if end := lineEnd(code, at); end > 0 {
				line, start = line+1, end
			}
		}
	}
	if line != 5 {
		t.Errorf("%d lines, wanted 5", line)
	}
	if newColumns(strings.Repeat("ascii\n", 1000)) != nil {
		t.Error("code in ASCII takes memory")
	}
	if got := newColumns(strings.Repeat("é", stretch)).units(1, 2*stretch); got != stretch {
		t.Errorf("at the very end: %d, wanted %d", got, stretch)
	}
	for _, odd := range [][2]int{{0, 3}, {-1, 3}, {99, 3}, {1, -1}, {1, 1 << 40}} {
		if got := c.units(odd[0], odd[1]); got != odd[1] {
			t.Errorf("units(%v) gave %d", odd, got)
		}
	}
}
