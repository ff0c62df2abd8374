package bundle_test

import (
	"testing"
)

// TestSyntax is the list of what plugins may write. Each construct runs in the
// real engine with the right answer, or is refused when it is built, by name
// and line.
func TestSyntax(t *testing.T) {
	for _, c := range []struct {
		name string
		code string // its default export is the answer
		want string
		fail []string // or the texts of the refusal
		file string   // index.ts unless it is another
	}{
		// ES2015 to ES2022, as the engine has them.
		{name: "class fields", code: `class A { a = 1; static b = 2; #c = 3; get c() { return this.#c } static { A.b++ } static #d() { return 1 } static e() { return A.#d() } has(o: any) { return #c in o } }; const x = new A(); export default [x.a, A.b, x.c, A.e(), x.has(x), x.has({})].join()`, want: "1,3,3,1,true,false"},
		{name: "optional chaining", code: `const a: any = { b: null }; export default [a?.b?.c, a.x?.(), a?.["b"] ?? "d"].join()`, want: ",,d"},
		{name: "logical assignment", code: `let a: any = null; a ??= 1; a &&= 2; a ||= 3; export default a`, want: "2"},
		{name: "bigint", code: `export default (2n ** 64n).toString()`, want: "18446744073709551616"},
		{name: "numeric separators", code: `export default 1_000_000`, want: "1000000"},
		{name: "spread and rest", code: `const { a, ...rest } = { a: 1, b: 2, ...{ c: 3 } }; export default JSON.stringify([...[a], rest])`, want: `[1,{"b":2,"c":3}]`},
		{name: "destructuring defaults", code: `const f = ({ a = 1, b: [c = 2], d: [e] = [3] } = { b: [] } as any) => a + c + e; export default f()`, want: "6"},
		{name: "default within a default", code: "export default 1;\nconst f = ({ b: [c = 2] = [] } = {} as any) => c; f()", fail: []string{"index.ts:2:18", "a default inside of a nested pattern", "of its own"}},
		{name: "tagged template", code: "const f = (s: any, ...v: any[]) => s.raw.join('|') + v; export default f`a${1}\\n${2}`", want: "a|\\n|1,2"},
		{name: "generator", code: `function* g() { const x: number = yield 1; yield* [x, 3] } const i = g(); i.next(); export default [i.next(2).value, ...i].join()`, want: "2,3"},
		{name: "labels", code: `let n = 0; outer: for (;;) { for (;;) { if (++n > 2) break outer; continue outer } } export default n`, want: "3"},
		{name: "new.target", code: `function F(this: any) { this.t = new.target === F } export default new (F as any)().t`, want: "true"},
		{name: "getter in object", code: `const o = { get x() { return 1 }, ["y" + 1]: 2, async *z() {} }; export default o.x + o.y1`, want: "3"},
		{name: "async await", code: `const f = async (x: number) => { const y = await x; return y + 1 }; export default await f(1)`, want: "2"},
		{name: "optional catch binding", code: `let r; try { throw 1 } catch { r = "caught" } export default r`, want: "caught"},
		{name: "error cause", code: `export default new Error("a", { cause: "b" }).cause`, want: "b"},
		{name: "hashbang", code: "#!/usr/bin/env node\nexport default 1", want: "1", file: "index.js"},
		{name: "string export name", code: `const a = 1; export { a as "a b" }; export default 2`, want: "2"},
		{name: "export star as", code: `export * as ns from "./other"; import * as self from "./other"; export default self.x`, want: "9"},
		{name: "html comment is refused in a module", code: `let x = 1, y = 3; export default x<!--y`, fail: []string{"index.mjs:1:35", "HTML single-line comments"}, file: "index.mjs"},

		// What esbuild lowers.
		{name: "top-level await", code: `const x = await Promise.resolve(5); export default x`, want: "5"},
		{name: "async generator", code: `async function* g() { yield 1; yield await Promise.resolve(2); yield* [3] } const a: number[] = []; for await (const x of g()) a.push(x); export default a.join()`, want: "1,2,3"},
		{name: "async generator method", code: `class A { async *[Symbol.asyncIterator]() { yield 1; yield 2 } } let n = 0; for await (const x of new A()) n += x; export default n`, want: "3"},
		{name: "for await of promises", code: `let n = 0; for await (const x of [Promise.resolve(1), 2]) n += x; export default n`, want: "3"},
		{name: "using", code: `const log: string[] = []; { using a = { [Symbol.dispose]() { log.push("a") } }; using b = { [Symbol.dispose]() { log.push("b") } }; log.push("in") } export default log.join()`, want: "in,b,a"},
		{name: "await using", code: `const log: string[] = []; { await using a = { async [Symbol.asyncDispose]() { await null; log.push("a") } }; log.push("in") } export default log.join()`, want: "in,a"},
		{name: "decorators", code: `function twice(f: any, c: any) { return function (this: any) { return c.name + f.call(this) * 2 } } class A { @twice m() { return 4 } } export default new A().m()`, want: "m8"},
		{name: "accessor keyword", code: `class A { accessor x = 3; static accessor y = 4 } const a = new A(); a.x++; export default a.x + A.y`, want: "8"},
		{name: "dynamic import of a file", code: `export default (await import("./other")).x`, want: "9"},
		{name: "dynamic import with a variable throws when reached", code: `const name: string = "x" + 1; let r; try { await import(name); r = "loaded" } catch (e: any) { r = "refused" } export default r`, want: "refused"},
		{name: "import.meta.url", code: `export default import.meta.url`, want: "plugin:///index.ts"},
		{name: "import.meta", code: `export default typeof (import.meta as any).env`, want: "undefined"},
		{name: "import attributes", code: `import a from "./data.json" with { type: "json" }; import b from "./data.json" with { type: "text" }; import c from "./data.json" with { type: "bytes" }; export default [a.a, b.trim(), c instanceof Uint8Array, c.length].join()`, want: `1,{"a":1},true,8`},
		{name: "global", code: `export default (global as any) === globalThis`, want: "true"},
		{name: "NODE_ENV", code: `export default process.env.NODE_ENV`, want: "production"},

		// TypeScript and JSX.
		{name: "enum", code: `enum E { A = 1, B, C = "c" as any } const enum F { X = 5 } export default [E.B, E[1], F.X].join()`, want: "2,A,5"},
		{name: "namespace", code: `namespace N { export const a = 1; export namespace M { export const b = 2 } } export default N.a + N.M.b`, want: "3"},
		{name: "parameter properties", code: `class A { constructor(private readonly x: number, public y = 2) {} sum() { return this.x + this.y } } export default new A(1).sum()`, want: "3"},
		{name: "satisfies, as const, non-null", code: `const a = { x: [1, 2] as const } satisfies Record<string, readonly number[]>; export default a.x![1]`, want: "2"},
		{name: "generics, overloads, abstract", code: `abstract class A<T extends object = {}> { declare d: T; abstract m(): void; f(x: string): string; f(x: any) { return x } } class B extends A { m() {} } export default new B().f("x")`, want: "x"},
		{name: "declared field does not overwrite", code: `class A { x = 1; constructor() { this.set() } set() { this.x = 2 } } class B extends A { declare x: number } export default new B().x`, want: "2"},
		{name: "definite field is defined", code: `class A { context!: unknown } export default "context" in new A()`, want: "true"},
		{name: "import type", code: `import type { T } from "./gone"; import { type U, x } from "./other"; const y: T | U = x; export default y`, want: "9"},
		{name: "import equals", code: `import o = require("./other"); export default o.x`, want: "9"},
		{name: "export equals", code: `export = { default: 4 }`, want: "[object Object]", file: "index.ts"},
		{name: "jsx", code: `const C = "c"; const e = <div id="a" key="k">x{1}<C /></div>; export default JSON.stringify(e)`, want: `{"type":"div","props":{"id":"a","children":["x",1,{"type":"c","props":{},"key":null}]},"key":"k"}`, file: "index.tsx"},
		{name: "jsx fragment", code: `export default JSON.stringify(<>a</>)`, want: `{"type":"","props":{"children":"a"},"key":null}`, file: "index.jsx"},
		{name: "jsx spread with key after", code: `const p = { a: 1 }; export default JSON.stringify(<b {...p} key="k" c />)`, want: `{"type":"b","props":{"a":1,"c":true},"key":"k"}`, file: "index.tsx"},
		{name: "jsx in plain js needs jsx", code: "export default <b/>", fail: []string{"index.js:1:16", "JSX"}, file: "index.js"},

		// Regular expressions.
		{name: "named groups and lookbehind", code: `export default "2026-11".replace(/(?<=^)(?<y>\d+)-(?<m>\d+)/u, "$<m>/$<y>")`, want: "11/2026"},
		{name: "sticky and dotAll", code: `const r = /a.b/sy; r.lastIndex = 1; export default r.test("xa\nb")`, want: "true"},
		{name: "backreference", code: `export default /(a)\1/.test("aa")`, want: "true"},
		{name: "not ASCII", code: `export default "żółw🐢".match(/ół.🐢/u)![0]`, want: "ółw🐢"},
		{name: "\\p without u is a p", code: `export default /\p/.test("p")`, want: "true"},
		{name: "property escape", code: "export default () =>\n                   /\\p{L}+/u.test('x')", fail: []string{"index.ts:2:20", `\p{…}`, "Unicode properties", "/\\p{L}+/u"}},
		{name: "property escape in a constructor", code: "export default () =>\n                 new RegExp('\\\\p{L}', 'u')", fail: []string{"index.ts:2:18", `\p{…}`}},
		{name: "flag v", code: "export default () =>\n\n                   /[a-z--b]/v", fail: []string{"index.ts:3:20", "flag v"}},
		{name: "flag d", code: `export default () => /a/d`, fail: []string{"index.ts:1:22", "flag d", "match indices"}},
		{name: "modifiers", code: `export default () => /(?i:a)b/`, fail: []string{"index.ts:1:22", "(?i:", "modifiers"}},
		{name: "wrong constructor flags", code: `export default () => new RegExp("a", "gg")`, fail: []string{"index.ts:1:22", "wrong flags"}},
		{name: "wrong pattern", code: `export default () => new RegExp("(")`, fail: []string{"index.ts:1:22", "cannot be compiled"}},

		// What the language itself refuses.
		{name: "syntax error", code: "export default {\n  a: 1\n  b: 2\n}", fail: []string{"index.ts:3:3", `Expected "}" but found "b"`, "3 |   b: 2"}},
		{name: "with statement", code: `with ({}) {} export default 1`, fail: []string{"index.js:1:1", "With statements"}, file: "index.js"},
		{name: "assignment to an import", code: `import { x } from "./other"; x = 1; export default x`, fail: []string{"index.ts:1:30", `Cannot assign to import "x"`}},
		{name: "missing export", code: `import { nothing } from "./other.mjs"; export default nothing`, fail: []string{"index.ts:1:10", `No matching export`, "other.mjs"}},
		{name: "import defer", code: `import defer * as o from "./other"; export default o.x`, fail: []string{"index.js:1", "defer"}, file: "index.js"},
		{name: "import source", code: `import source o from "./other"; export default o`, fail: []string{"index.js:1", "source"}, file: "index.js"},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := c.file
			if name == "" {
				name = "index.ts"
			}
			p := files(map[string]string{
				name:        c.code,
				"other.ts":  `export const x = 9; export type U = number`,
				"other.mjs": `export const x = 9`,
				"data.json": `{"a":1}` + "\n",
			})
			if c.fail != nil {
				refused(t, p, c.fail...)
				return
			}
			if got := answer(t, p); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
