package guest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inVM runs f on the goroutine of a VM that has a guest.
func inVM(t testing.TB, f func(g *guest)) {
	t.Helper()
	r := jsruntime.New(jsruntime.Options{Running: 10 * time.Second})
	done := make(chan struct{})
	if err := r.Post(jsruntime.Control, 0, func(v *jsruntime.VM) {
		defer close(done)
		g := newGuest(&Room{})
		g.vm = v
		v.SetOwner(g)
		v.Prepare()
		g.engine.prepare(v)
		f(g)
	}, nil); err != nil {
		t.Fatal(err)
	}
	<-done
	if err := r.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := r.Err(); err != jsruntime.ErrClosed {
		t.Errorf("the runtime ended by itself: %v", err)
	}
}

// eval is the value of an expression.
func (g *guest) eval(t testing.TB, code string) goja.Value {
	t.Helper()
	v, err := g.vm.Enter(func() (goja.Value, error) { return g.vm.Goja().RunString("(" + code + ")") })
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return v
}

// written is what the guest writes of a value, and what it throws.
func (g *guest) written(v goja.Value) (text string, has bool, err error) {
	_, err = g.vm.Enter(func() (goja.Value, error) {
		w := &jsonWriter{guest: g}
		if thrown := g.vm.Goja().Try(func() { has = w.value("", v, 0) }); thrown != nil {
			return nil, thrown
		}
		text = string(w.out)
		return nil, nil
	})
	return text, has, err
}

// stringified is what the VM's own JSON.stringify makes of it, read and written
// again so that the spelling is the same.
func (g *guest) stringified(t testing.TB, v goja.Value) (string, bool) {
	t.Helper()
	stringify, _ := goja.AssertFunction(g.vm.Goja().Get("JSON").ToObject(g.vm.Goja()).Get("stringify"))
	out, err := stringify(goja.Undefined(), v)
	if err != nil {
		t.Fatal(err)
	}
	if goja.IsUndefined(out) {
		return "", false
	}
	return out.String(), true
}

// same reports whether two JSON texts say the same in the VM.
func (g *guest) same(t testing.TB, a, b string) bool {
	t.Helper()
	spell := func(text string) string {
		v, err := g.parse(text)
		if err != nil {
			t.Fatalf("%s is no JSON: %v", text, err)
		}
		s, _ := g.stringified(t, v)
		return s
	}
	return spell(a) == spell(b)
}

func TestTheWriterSaysWhatJSONStringifySays(t *testing.T) {
	inVM(t, func(g *guest) {
		for _, code := range []string{
			`undefined`, `null`, `true`, `-0`, `NaN`, `1e21`, `5e-324`, `1/3`, `2**53+2`, `-1e-7`, `123456789012345680000`, `""`, `"\u0000\u001f\"\\\u2028<>&\u007f"`,
			`"\ud800"`, `"\udc00\ud800"`, `"\ud83d\ude00"`, `"a\ud83d\ude00\ud83d"`, `"\ufffd"`, `"é\ufffd\ud800"`,
			`() => 1`, `class {}`, `Symbol()`, `[undefined, () => 1, Symbol()]`, `{a: undefined, b: () => 1, c: Symbol(), [Symbol()]: 1}`,
			`new Date(0)`, `new Date(NaN)`, `/x/g`, `new Map([[1,2]])`, `new Set([1])`, `new Error("x")`, `Promise.resolve()`, `new Uint8Array([1,2])`, `new ArrayBuffer(3)`,
			`Object(1)`, `Object("x")`, `Object(true)`, `[Object(false)]`, `Object.create(null)`, `Object.create({a: 1})`, `[,1,,]`, `Object.assign([1], {x: 2})`,
			`{toJSON() { return 5; }}`, `{toJSON() { return {toJSON: () => 1, x: 2}; }}`, `{a: {toJSON(k) { return k; }}}`, `[{toJSON(k) { return typeof k + k; }}]`, `{toJSON: 5}`, `{toJSON() {}}`, `[{toJSON() {}}]`,
			`{get a() { return 1; }}`, `Object.defineProperty({}, "a", {value: 1})`, `{2: 1, 1: 2, b: 1, a: 2, [-1]: 3}`, `JSON.parse('{"__proto__": {"a": 1}, "constructor": 1}')`, `{__proto__: {a: 1}, b: 2}`,
			`new Proxy([1, 2], {})`, `new Proxy({a: 1}, {})`, `new Proxy({}, {ownKeys: () => ["x"], getOwnPropertyDescriptor: () => ({enumerable: true, configurable: true}), get: (t, k) => k === "toJSON" ? undefined : k})`,
			`new Proxy(() => 1, {})`, `(function() { return arguments; })(1, 2)`, `globalThis.Math`, `new (class A { x = 1; #y = 2; })()`,
			`new (class extends Array {})(1, 2, 3)`, `{length: 3, 0: "a"}`,
		} {
			v := g.eval(t, code)
			got, has, err := g.written(v)
			if err != nil {
				t.Errorf("%s: %v", code, err)
				continue
			}
			want, wanted := g.stringified(t, v)
			if has != wanted || has && !g.same(t, got, want) {
				t.Errorf("%s is written %q %v, want %q %v", code, got, has, want, wanted)
			}
			if has {
				if err := bridge.CheckJSON(got); err != nil {
					t.Errorf("%s: %q: %v", code, got, err)
				}
			}
		}
	})
}

// source draws the source text of a value.
func source(t *rapid.T, depth int) string {
	kinds := 9
	if depth > 4 {
		kinds = 7
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	case 0:
		return rapid.SampledFrom([]string{"null", "undefined", "true", "false", "NaN", "-0", "() => 1", "new Date(5)", "Object(3)"}).Draw(t, "fixed")
	case 1:
		return fmt.Sprintf("%v", rapid.Float64Range(-1e22, 1e22).Draw(t, "number"))
	case 2:
		return fmt.Sprint(rapid.Int32().Draw(t, "integer"))
	case 3, 4, 5:
		return text(t)
	case 6, 7:
		return "[]"
	case 8:
		var parts []string
		for range rapid.IntRange(0, 4).Draw(t, "length") {
			parts = append(parts, source(t, depth+1))
		}
		return "[" + strings.Join(parts, ",") + "]"
	default:
		var parts []string
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			parts = append(parts, "["+strings.ReplaceAll(text(t), `\ud8`, `\u00`)+"]: "+source(t, depth+1))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
}

// text draws a string literal of any UTF-16 units.
func text(t *rapid.T) string {
	var b strings.Builder
	b.WriteByte('"')
	for range rapid.IntRange(0, 6).Draw(t, "units") {
		fmt.Fprintf(&b, `\u%04x`, rapid.OneOf(rapid.Uint16Range(0, 0x7f), rapid.SampledFrom([]uint16{0xd83d, 0xfffd, 0xe9, 0x2028}), rapid.Uint16Range(0, 0xd7ff)).Draw(t, "unit"))
	}
	b.WriteByte('"')
	return b.String()
}

func TestWhatIsDrawnIsWrittenAsJSONStringifyDoes(t *testing.T) {
	inVM(t, func(g *guest) {
		rapid.Check(t, func(rt *rapid.T) {
			code := source(rt, 0)
			v := g.eval(t, code)
			got, has, err := g.written(v)
			want, wanted := g.stringified(t, v)
			if err != nil || has != wanted || has && !g.same(t, got, want) {
				rt.Fatalf("%s is written %q %v %v, want %q %v", code, got, has, err, want, wanted)
			}
		})
	})
}

func TestHostileValuesThrowAndNothingElse(t *testing.T) {
	inVM(t, func(g *guest) {
		for code, want := range map[string]string{
			`{get a() { throw new RangeError("mine"); }}`:                               "RangeError: mine",
			`{get toJSON() { throw new Error("mine"); }}`:                               "mine",
			`{toJSON() { throw "text"; }}`:                                              `thrown: `,
			`(() => { const a = {}; a.a = a; return a; })()`:                            "nested past 64",
			`(() => { const a = []; a.push(a); return a; })()`:                          "nested past 64",
			`(() => { let a = 1; for (let i = 0; i < 65; i++) a = [a]; return a; })()`:  "nested past 64",
			`(() => { let a = 1; for (let i = 0; i < 1e5; i++) a = {a}; return a; })()`: "nested past 64",
			`1n`: "BigInt", `{a: 1n}`: "BigInt",
			`new Array(2 ** 32 - 1)`:    "over 8 MiB",
			`"x".repeat(9 << 20) + "y"`: "",
			`["x".repeat(9 << 20), 1]`:  "over 8 MiB",
			`new Proxy([], {get: (t, k) => k === "length" ? 1e15 : undefined})`:              "over 8 MiB",
			`new Proxy({}, {ownKeys() { throw new Error("mine"); }})`:                        "mine",
			`new Proxy({}, {get() { throw new Error("mine"); }})`:                            "mine",
			`new Proxy({}, {ownKeys: () => [1]})`:                                            "",
			`(() => { const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy; })()`:   "",
			`(() => { const r = Proxy.revocable([], {}); r.revoke(); return [r.proxy]; })()`: "",
			`{toJSON() { const f = () => f(); try { f(); } catch { return 1; } return 2; }}`: "*",
			`{"\ud800": 1}`: "not valid Unicode",
		} {
			if want == "*" {
				continue // ends the runtime: see the tests of the root
			}
			_, _, err := g.written(g.eval(t, code))
			if err == nil && want != "" {
				t.Errorf("%s: no error", code)
			} else if want != "" && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", code, err, want)
			}
			if g.vm.Failed() != nil {
				t.Fatalf("%s ended the runtime: %v", code, g.vm.Failed())
			}
		}
	})
}

func TestBytesCrossByValue(t *testing.T) {
	inVM(t, func(g *guest) {
		for _, code := range []string{`new Uint8Array([1, 2])`, `new Uint8Array([9, 1, 2, 9]).subarray(1, 3)`, `new (class extends Uint8Array {})([1, 2])`} {
			var e bridge.Encoder
			v := g.eval(t, code)
			g.appendValue(&e, v, true)
			p := e.Payload()
			v.ToObject(g.vm.Goja()).Set("0", 7) // the encoded copy must not change
			d := p.Decode()
			if got := d.Bytes(); got != "\x01\x02" {
				t.Errorf("%s: %q %v", code, got, d.Err())
			}
			value, err := g.toValue(bridge.Value{Kind: bridge.KindBytes, Text: "\x01\x02"})
			if err != nil {
				t.Fatal(err)
			}
			if err := value.ToObject(g.vm.Goja()).Set("0", 5); err != nil {
				t.Fatal(err)
			}
			if again, _ := g.toValue(bridge.Value{Kind: bridge.KindBytes, Text: "\x01\x02"}); again.ToObject(g.vm.Goja()).Get("0").ToInteger() != 1 {
				t.Error("the host's bytes were changed from JavaScript")
			}
		}
		for _, code := range []string{`new Proxy(new Uint8Array(2), {})`, `new ArrayBuffer(2)`, `new Uint16Array(2)`, `new Int8Array(2)`, `new DataView(new ArrayBuffer(2))`} {
			_, err := g.vm.Enter(func() (goja.Value, error) {
				var e bridge.Encoder
				if thrown := g.vm.Goja().Try(func() { g.appendValue(&e, g.eval(t, code), true) }); thrown != nil {
					return nil, thrown
				}
				return nil, nil
			})
			if err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
	})
}
