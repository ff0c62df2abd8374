package bundle_test

import (
	"strings"
	"testing"
)

// TestResolution holds the ways of Node and of bundlers over a package's files.
func TestResolution(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
		fail  []string
	}{
		{name: "extensions of the plugin's own files: TypeScript first", want: "ts",
			files: map[string]string{"index.ts": `export { default } from "./a"`, "a.ts": `export default "ts"`, "a.js": `export default "js"`}},
		{name: "extensions in node_modules: JavaScript first", want: "js",
			files: map[string]string{"index.ts": `export { default } from "p"`, "node_modules/p/index.ts": `export default "ts"`, "node_modules/p/index.js": `export default "js"`}},
		{name: "a TypeScript file imports the file that it will be compiled to", want: "ts",
			files: map[string]string{"index.ts": `export { default } from "./a.js"`, "a.ts": `export default "ts"`}},
		{name: "an index file", want: "in",
			files: map[string]string{"index.ts": `export { default } from "./dir"`, "dir/index.ts": `export default "in"`}},
		{name: "the index file above", want: "up",
			files: map[string]string{"index.ts": `export { default } from "./a/b"`, "a/b.ts": `export { x as default } from "."`, "a/index.ts": `export { x } from ".."; export {}`, "index.js": ``, "a/x": ``,
				"package.json": `{"main":"top.ts"}`, "top.ts": `export const x = "up"`}},
		{name: "a file before a folder of the same name", want: "file",
			files: map[string]string{"index.ts": `export { default } from "./a"`, "a.js": `export default "file"`, "a/index.js": `export default "dir"`}},
		{name: "a folder when it ends with a slash", want: "dir",
			files: map[string]string{"index.ts": `export { default } from "./a/"`, "a.js": `export default "file"`, "a/index.js": `export default "dir"`}},

		{name: "main", want: "main",
			files: map[string]string{"index.ts": `export { default } from "p"`, "node_modules/p/package.json": `{"main":"lib/a"}`, "node_modules/p/lib/a.js": `module.exports = "main"`}},
		{name: "main names a folder", want: "main",
			files: map[string]string{"index.ts": `export { default } from "p"`, "node_modules/p/package.json": `{"main":"./lib/"}`, "node_modules/p/lib/index.js": `module.exports = "main"`}},
		{name: "a broken main falls back to the index", want: "index",
			files: map[string]string{"index.ts": `export { default } from "p"`, "node_modules/p/package.json": `{"main":"gone.js"}`, "node_modules/p/index.js": `module.exports = "index"`}},
		{name: "module before main for import, main for require", want: "module main",
			files: map[string]string{"index.ts": `import a from "p"; export default a + " " + require("p")`, "node_modules/p/package.json": `{"main":"m.js","module":"e.js"}`,
				"node_modules/p/m.js": `module.exports = "main"`, "node_modules/p/e.js": `export default "module"`}},
		{name: "browser before both", want: "browser",
			files: map[string]string{"index.ts": `export { default } from "p"`, "node_modules/p/package.json": `{"main":"m.js","module":"e.js","browser":"b.js"}`,
				"node_modules/p/m.js": ``, "node_modules/p/e.js": ``, "node_modules/p/b.js": `export default "browser"`}},
		{name: "browser maps files, packages and nothing", want: "b other true",
			files: map[string]string{"index.ts": `export { default } from "p"`,
				"node_modules/p/package.json": `{"main":"m.js","browser":{"./a.js":"./b.js","fs":false,"dep":"other","./gone":"./b.js"}}`,
				"node_modules/p/m.js":         `module.exports = [require("./a"), require("dep"), Object.keys(require("fs")).length === 0].join(" "); require("./gone")`,
				"node_modules/p/b.js":         `module.exports = "b"`, "node_modules/other/index.js": `module.exports = "other"`}},

		{name: "exports: conditions in the order in which they stand", want: "worker",
			files: map[string]string{"index.ts": `export { default } from "p"`,
				"node_modules/p/package.json": `{"exports":{".":{"node":"./n.js","worker":"./w.js","browser":"./b.js","default":"./d.js"}}}`,
				"node_modules/p/w.js":         `export default "worker"`, "node_modules/p/b.js": ``, "node_modules/p/d.js": ``}},
		{name: "exports: import and require", want: "import require",
			files: map[string]string{"index.ts": `import a from "p"; export default a + " " + require("p")`,
				"node_modules/p/package.json": `{"exports":{"import":"./i.mjs","require":"./r.cjs"}}`,
				"node_modules/p/i.mjs":        `export default "import"`, "node_modules/p/r.cjs": `module.exports = "require"`}},
		{name: "exports: nested conditions, arrays, patterns and null", want: "x y z",
			files: map[string]string{"index.ts": `import x from "p/x"; import y from "@s/q/lib/y.js"; import z from "p/d/z"; export default [x, y, z].join(" ")`,
				"node_modules/p/package.json": `{"exports":{"./x":[{"node":"./no.js"},{"import":{"deno":"./no.js","default":"./x.js"}}],"./d/*":"./dir/*.js","./d/private":null}}`,
				"node_modules/p/x.js":         `export default "x"`, "node_modules/p/dir/z.js": `export default "z"`,
				"node_modules/@s/q/package.json": `{"exports":{"./lib/*.js":"./src/*.js"}}`, "node_modules/@s/q/src/y.js": `export default "y"`}},
		{name: "exports: the longest pattern wins", want: "long",
			files: map[string]string{"index.ts": `export { default } from "p/a/b/c"`,
				"node_modules/p/package.json": `{"exports":{"./*":"./short.js","./a/b/*":"./long.js","./a/*":"./mid.js"}}`,
				"node_modules/p/long.js":      `export default "long"`, "node_modules/p/short.js": ``, "node_modules/p/mid.js": ``}},
		{name: "exports: null hides", fail: []string{`"p/d/private"`, "does not export"},
			files: map[string]string{"index.ts": `export { default } from "p/d/private"`,
				"node_modules/p/package.json": `{"exports":{"./d/*":"./dir/*.js","./d/private":null}}`, "node_modules/p/dir/private.js": ``}},
		{name: "exports: what is not listed is not there", fail: []string{`"p/lib/a.js"`, "does not export"},
			files: map[string]string{"index.ts": `export { default } from "p/lib/a.js"`, "node_modules/p/package.json": `{"exports":"./index.js"}`, "node_modules/p/lib/a.js": ``}},
		{name: "itself by its own name", want: "self",
			files: map[string]string{"index.ts": `export { default } from "p"`, "node_modules/p/package.json": `{"name":"p","exports":{".":"./a.js","./b":"./b.js"}}`,
				"node_modules/p/a.js": `export { default } from "p/b"`, "node_modules/p/b.js": `export default "self"`}},
		{name: "imports", want: "own dep",
			files: map[string]string{"index.ts": `import a from "#a"; import b from "#lib/b"; export default a + " " + b`,
				"package.json": `{"imports":{"#a":{"node":"./no.js","default":"./own.ts"},"#lib/*":"dep/*"}}`,
				"own.ts":       `export default "own"`, "node_modules/dep/b.js": `export default "dep"`}},
		{name: "nested node_modules", want: "1 2",
			files: map[string]string{"index.ts": `import a from "a"; import b from "b"; export default b + " " + a`,
				"node_modules/a/index.js": `export { default } from "b"`, "node_modules/a/node_modules/b/index.js": `export default 2`, "node_modules/b/index.js": `export default 1`}},
		{name: "a package named like one of Node's", want: "npm",
			files: map[string]string{"index.ts": `export { default } from "events/"`, "node_modules/events/index.js": `export default "npm"`}},
		{name: "sideEffects: false leaves out what is not used", want: "used undefined",
			files: map[string]string{"index.ts": `import { a } from "p"; export default a + " " + (globalThis as any).ran`,
				"node_modules/p/package.json": `{"sideEffects":false}`, "node_modules/p/index.js": `export { a } from "./a"; export { b } from "./b"`,
				"node_modules/p/a.js": `export const a = "used"`, "node_modules/p/b.js": `globalThis.ran = true; export const b = 1`}},
		{name: "sideEffects: a list keeps those", want: "used true",
			files: map[string]string{"index.ts": `import { a } from "p"; export default a + " " + (globalThis as any).ran`,
				"node_modules/p/package.json": `{"sideEffects":["b.js"]}`, "node_modules/p/index.js": `export { a } from "./a"; export { b } from "./b"`,
				"node_modules/p/a.js": `export const a = "used"`, "node_modules/p/b.js": `globalThis.ran = true; export const b = 1`}},
		{name: "a require of an npm package that may fail", want: "caught caught",
			files: map[string]string{"index.ts": `import p from "p"; export default p.join(" ")`,
				"node_modules/p/index.js": `const r = []; for (const f of [() => require("fs"), () => require("gone")]) try { f() } catch { r.push("caught") } import("./none.js").catch(() => {}); module.exports = r`}},

		{name: "a package that is not there", fail: []string{"index.ts:1:15", `the package "@a/left-pad"`, "npm install @a/left-pad", "pack it again"},
			files: map[string]string{"index.ts": `import x from "@a/left-pad/x"; export default x`}},
		{name: "a file that is not there", fail: []string{"src/index.ts:2:15", `"./gone"`, `no file "src/gone"`},
			files: map[string]string{"src/index.ts": "\n" + `export * from "./gone"; export default 1`}},
		{name: "a folder without an index", fail: []string{`"./dir"`, "a folder without an index"},
			files: map[string]string{"index.ts": `import x from "./dir"; export default x`, "dir/a.ts": ``}},
		{name: "a module of Node", fail: []string{"index.ts:1:16", `"node:fs/promises"`, "do not run on Node"},
			files: map[string]string{"index.ts": `import fs from "node:fs/promises"; export default fs`}},
		{name: "a module of Node without its prefix", fail: []string{`"fs"`, "do not run on Node"},
			files: map[string]string{"index.ts": `import fs from "fs"; export default fs`}},
		{name: "a URL", fail: []string{"https://esm.sh/x", "by URL", "install it with npm"},
			files: map[string]string{"index.ts": `import x from "https://esm.sh/x"; export default x`}},
		{name: "an absolute path", fail: []string{"absolute path"}, files: map[string]string{"index.ts": `import x from "/etc/passwd"; export default x`}},
		{name: "a climb", fail: []string{"../x", "outside of the plugin"}, files: map[string]string{"index.ts": `import x from "../x"; export default x`}},
		{name: "a file without a meaning", fail: []string{`"a.dat"`, ".dat", `type: "text"`}, files: map[string]string{"index.ts": `import x from "./a.dat"; export default x`, "a.dat": ""}},
		{name: "an attribute without a meaning", fail: []string{`"css"`, `"json", "text" and "bytes"`},
			files: map[string]string{"index.ts": `import x from "./a.css" with { type: "css" }; export default x`, "a.css": ""}},
		{name: "a computed import", fail: []string{"index.ts:1:33", "only known when the code runs"},
			files: map[string]string{"index.ts": "const f = (x: string) => import(`./a/${x}.js`); export default f", "a/b.js": ""}},
		{name: "a broken package.json", fail: []string{`"p"`, "package.json"}, files: map[string]string{"index.ts": `import x from "p"; export default x`, "node_modules/p/package.json": `{`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := files(c.files)
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

func TestLoaders(t *testing.T) {
	p := files(map[string]string{
		"index.ts": `import j from "./a.json"; import t from "./a.txt"; import m from "./README.md"; import b from "./a.bin"; import w from "./a.wasm"; import p from "./a.PNG"; import s from "./a.svg";
export default [j.x, t, m, b instanceof Uint8Array, [...b], w.length, p.length, s].join("|")`,
		"a.json": `{"x":1}`, "a.txt": "text", "README.md": "# mark", "a.bin": "\x00\xff\x80", "a.wasm": "\x00asm", "a.PNG": "\x89PNG", "a.svg": "<svg/>",
	})
	if got, want := answer(t, p), "1|text|# mark|true|0,255,128|4|4|<svg/>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMessagesAreSafeToShow(t *testing.T) {
	p := files(map[string]string{
		"index.ts": "import x from \"./\x1b[31mred\u202egnp\"; export default x; // \x1b[0m \u2066",
	})
	p.Files["\x1b[2J.ts"] = []byte("export default 1 +")
	p.Files["index.ts"] = append(p.Files["index.ts"], "\nimport \"./\x1b[2J\""...)
	err := buildErr(t, p)
	for _, bad := range []string{"\x1b", "\u202e", "\u2066"} {
		if strings.Contains(err.Error(), bad) {
			t.Errorf("the error holds %q: %q", bad, err)
		}
	}
}

func TestMessagesAreBounded(t *testing.T) {
	var code strings.Builder
	code.WriteString("export default 1\n")
	for range 5000 {
		code.WriteString("import '" + strings.Repeat("x", 3000) + "'; \n")
	}
	if n := len(buildErr(t, files(map[string]string{"index.ts": code.String()})).Error()); n > 60_000 {
		t.Errorf("the error has %d bytes", n)
	}
}
