package jsruntime

import (
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
)

func TestLoggingNeverThrowsAndIsBounded(t *testing.T) {
	for name, js := range map[string]string{
		"getter that throws":           `({get a() { throw new Error("no") }})`,
		"proxy whose traps throw":      `new Proxy({}, new Proxy({}, {get() { throw new Error("trap") }}))`,
		"revoked proxy":                `(() => { const p = Proxy.revocable({}, {}); p.revoke(); return p.proxy })()`,
		"proxy of a revoked proxy":     `(() => { const p = Proxy.revocable({}, {}); const q = new Proxy(p.proxy, {}); p.revoke(); return q })()`,
		"revoked function proxy":       `(() => { const p = Proxy.revocable(() => {}, {}); p.revoke(); return p.proxy })()`,
		"inherits from a proxy":        `Object.create(new Proxy({}, {get() { throw 1 }, getPrototypeOf() { throw 2 }, getOwnPropertyDescriptor() { throw 3 }}))`,
		"inherits from a revoked one":  `(() => { const p = Proxy.revocable({}, {}); const o = Object.create(p.proxy); p.revoke(); return o })()`,
		"toStringTag that throws":      `({get [Symbol.toStringTag]() { throw 1 }})`,
		"toStringTag no string":        `({[Symbol.toStringTag]: {}})`,
		"toStringTag of a megabyte":    `({get [Symbol.toStringTag]() { return "x".repeat(1e6) }})`,
		"function name of a megabyte":  `Object.defineProperty(() => {}, "name", {value: "x".repeat(1e6)})`,
		"function name that throws":    `Object.defineProperty(() => {}, "name", {get() { throw 1 }})`,
		"class with static name":       `class { static name() {} }`,
		"constructor that throws":      `({get constructor() { throw 1 }})`,
		"constructor a proxy":          `({constructor: new Proxy(class A {}, {get() { throw 1 }})})`,
		"length lies":                  `(() => { const a = [1]; return new Proxy(a, {get: (t, k) => k === "length" ? 1e9 : 1}) })()`,
		"array of a billion holes":     `new Array(1e9)`,
		"array of holes and one":       `(() => { const a = new Array(4e9); a[5] = 1; return a })()`,
		"array of a million":           `new Array(1e6).fill(0)`,
		"array of long strings":        `Array(200).fill("x".repeat(1e5))`,
		"string of ten megabytes":      `"x".repeat(1e7)`,
		"string of wide characters":    `"😀".repeat(1e6)`,
		"object of many keys":          `Object.fromEntries(Array.from({length: 2e4}, (_, i) => ["key" + i, i]))`,
		"key of a megabyte":            `({["x".repeat(1e6)]: 1})`,
		"symbol of a megabyte":         `Symbol("x".repeat(1e6))`,
		"map of a hundred thousand":    `new Map(Array.from({length: 1e5}, (_, i) => [i, i]))`,
		"map with another iterator":    `new (class extends Map { [Symbol.iterator]() { throw 1 } })([[1, 2]].slice(1)).set(1, 2)`,
		"map with broken iterator":     `Object.assign(new Map([[1, 2]]), {[Symbol.iterator]: () => ({})})`,
		"map whose size throws":        `Object.defineProperty(new Map([[1, 2]]), "size", {get() { throw 1 }})`,
		"typed array of megabytes":     `new Uint8Array(5e6)`,
		"typed array that lies":        `Object.defineProperty(new Uint8Array(3), "length", {value: 1e9})`,
		"nested a hundred thousand":    `(() => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a })()`,
		"wide and deep":                `(() => { const leaf = Array(100).fill("y".repeat(100)); return Array(100).fill(Array(100).fill(leaf)) })()`,
		"circular through everything":  `(() => { const a = [], o = {a}, m = new Map([[o, a]]), s = new Set([m]); a.push(o, m, s); a.self = a; return a })()`,
		"error: stack throws":          `Object.defineProperty(new Error("m"), "stack", {get() { throw 1 }})`,
		"error: name throws":           `Object.defineProperty(new Error("m"), "name", {get() { throw 1 }})`,
		"error: message throws":        `Object.defineProperty(new Error("m"), "message", {get() { throw 1 }})`,
		"error: cause throws":          `Object.defineProperty(new Error("m"), "cause", {get() { throw 1 }})`,
		"error: cause itself":          `(() => { const e = new Error("m"); e.cause = e; return e })()`,
		"error: errors a proxy":        `Object.assign(new Error("m"), {errors: new Proxy([], {get() { throw 1 }})})`,
		"error: message a megabyte":    `new Error("x".repeat(1e6))`,
		"error: stack a megabyte":      `Object.assign(new Error("m"), {stack: "at f (a:1:1)\n".repeat(1e5)})`,
		"error: name an object":        `Object.assign(new Error("m"), {name: {toString() { throw 1 }}})`,
		"date that lies":               `Object.assign(new Date(0), {toISOString() { throw 1 }, toString() { throw 2 }})`,
		"regexp that lies":             `Object.defineProperty(/x/, "source", {get() { throw 1 }})`,
		"promise of itself":            `(() => { const o = {}; o.p = Promise.resolve(o); return o })()`,
		"boxed string that throws":     `Object.assign(new String("x"), {toString() { throw 1 }})`,
		"then that throws":             `({get then() { throw 1 }})`,
		"prototype getters":            `(() => { Object.defineProperty(Object.prototype, "get", {get() { throw 1 }, configurable: true}); return {a: 1} })()`,
		"descriptor replaced":          `(() => { Object.getOwnPropertyDescriptor = () => { throw 1 }; return {a: 1} })()`,
		"descriptor is nonsense":       `(() => { Object.getOwnPropertyDescriptor = () => 5; return {a: 1, f() {}, m: new Map([[1, 2]])} })()`,
		"Map gone":                     `(() => { const m = new Map([[1, 2]]); Map = undefined; Set = 5; return [m, new Array(3)] })()`,
		"entries is nonsense":          `(() => { Map.prototype.entries = () => ({next: () => ({value: 5})}); return new Map([[1, 2]]) })()`,
		"%d of a bigint":               `"%d %i %f", 1n, 2n, 3n`,
		"%d of a symbol":               `"%d %i %f", Symbol(), Symbol(), Symbol()`,
		"%d of valueOf that throws":    `"%d", {valueOf() { throw 1 }}`,
		"%d of valueOf to a bigint":    `"%d", {valueOf: () => 1n}`,
		"%i of toString that throws":   `"%i", {toString() { throw 1 }}`,
		"%s of toString that throws":   `"%s", {toString() { throw 1 }}`,
		"%s of toString to an object":  `"%s", {toString: () => ({}), valueOf: () => ({})}`,
		"%s of a function that throws": `"%s", Object.assign(() => {}, {toString() { throw 1 }})`,
		"%j of toJSON that throws":     `"%j", {toJSON() { throw new Error("x".repeat(1e6)) }}`,
		"%j of a bigint":               `"%j", 1n`,
		"%s many times":                `"%s".repeat(1e5), ...Array(1e4).fill("x".repeat(100))`,
		"half a directive":             `"%", 1`,
		"many arguments":               `...Array(5e4).fill("x")`,
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, Options{Running: 20 * time.Second})
			text := formatted(t, r, js)
			if len(text) > inspectBytes+len("…") {
				t.Errorf("%d bytes were written: %.100s", len(text), text)
			}
			if text == "" {
				t.Error("nothing was written")
			}
			if r.Err() != nil {
				t.Errorf("it ended the runtime: %v", r.Err())
			}
			// The same through the door that a plugin uses.
			if _, err := eval(t, start(t, Options{Running: 20 * time.Second}), "console.log("+js+")"); err != nil {
				t.Errorf("console.log threw %v", err)
			}
		})
	}
}

func TestLoggingRunsNoGetterAndNoTrap(t *testing.T) {
	r := start(t, Options{})
	got := formatted(t, r, `(() => {
		globalThis.ran = []
		const note = name => () => { ran.push(name) }
		const all = new Proxy({}, {get: (_, trap) => note("trap " + trap)})
		return [{get a() { ran.push("getter") }, set b(_) {}}, new Proxy({x: 1}, all), new Proxy([2], all), Object.create(new Proxy({}, all)), {toString: note("toString"), toJSON: note("toJSON"), then: note("then"), inspect: note("inspect")}]
	})()`)
	if ran, err := eval(t, r, `ran.filter(x => x !== "trap getPrototypeOf" && x !== "trap get").join()`); err != nil || ran != "" {
		t.Errorf("logging ran %s, %v", ran, err)
	}
	if !strings.HasPrefix(got, "[ { a: [Getter], b: [Setter] }, { x: 1 }, [ 2 ], ") {
		t.Errorf("got %s", got)
	}
}

func TestErrorsAreShownWithWhatTheyCarry(t *testing.T) {
	for js, want := range map[string]string{
		`new TypeError("bad")`:                                         "TypeError: bad\n    at test.js:1:2",
		`Object.assign(new Error("bad"), {code: "E1"})`:                "Error: bad\n    at test.js:1:16 { code: 'E1' }",
		`new Error("bad", {cause: new RangeError("deep")})`:            "Error: bad\n    at test.js:1:2\ncaused by RangeError: deep\n    at test.js:1:27",
		`new Error("bad", {cause: "text"})`:                            "Error: bad\n    at test.js:1:2 { [cause]: 'text' }",
		`{e: new Error("")}`:                                           "{ e: Error\n    at test.js:1:6 }",
		`new (class Lost extends Error { get name() { return "L" } })`: "L\n    at test.js:1:2",
	} {
		if got := formatted(t, start(t, Options{}), js); got != want {
			t.Errorf("%s:\n got    %q\n wanted %q", js, got, want)
		}
	}
}

// The context of a plugin is such an object: it throws at names that it lacks.
type refusing struct{ vm *VM }

func (r refusing) Get(key string) goja.Value {
	if key == "api" {
		return r.vm.goja.ToValue("yes")
	}
	panic(r.vm.goja.NewTypeError("Access to %s is not allowed", key))
}
func (r refusing) Set(string, goja.Value) bool { return false }
func (r refusing) Has(key string) bool         { return key == "api" }
func (r refusing) Delete(string) bool          { return false }
func (r refusing) Keys() []string              { return []string{"api"} }

func TestObjectsThatRefuseNamesAreShown(t *testing.T) {
	r := start(t, Options{})
	do(t, r, func(v *VM) {
		if err := v.goja.Set("context", v.goja.NewDynamicObject(refusing{v})); err != nil {
			t.Fatal(err)
		}
	})
	for js, want := range map[string]string{
		`context`:       "{ api: 'yes' }",
		`[{context}]`:   "[ { context: { api: 'yes' } } ]",
		`"%s", context`: "{ api: 'yes' }",
	} {
		if got := formatted(t, r, js); got != want {
			t.Errorf("%s: got %s, wanted %s", js, got, want)
		}
	}
	if got := formatted(t, r, `(() => { delete Object.getOwnPropertyDescriptor; return {a: 1} })()`); got != "{ a: 1 }" {
		t.Errorf("without Object's own function: %s", got)
	}
}
