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
				if cause := got.Cause; c.fn == "caused" && (cause == nil || len(cause.Frames) < 2 || cause.Frames[1].String() == "") {
					t.Errorf("caused: cause is %+v", cause)
				}
				t.Log(c.fn, got.Frames)
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
