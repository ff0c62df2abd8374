package bundle_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

const secret = "the-secret-beside-the-package"

// reaching are attempts to get at files beside the package. DIR is the folder
// that holds the secrets, which is also the current one.
func reaching(dir string) map[string]map[string]string {
	url := "file://" + filepath.ToSlash(dir)
	abs := filepath.ToSlash(dir)
	one := func(code string) map[string]string { return map[string]string{"index.ts": code + "\nexport default 1"} }
	npm := func(packageJSON string) map[string]string {
		return map[string]string{
			"index.ts":                       `import * as x from "evil"; console.log(x); export default 1`,
			"node_modules/evil/package.json": packageJSON,
		}
	}
	attempts := map[string]map[string]string{
		"relative":                        one(`import x from "./secret.js"; console.log(x)`),
		"climbing":                        one(`import x from "../secret.js"; console.log(x)`),
		"climbing to the top":             one(`import x from "../../../../../../../../..` + abs + `/secret.js"; console.log(x)`),
		"climbing through itself":         one(`import x from "./a/../../b/../secret.js"; console.log(x)`),
		"absolute":                        one(`import x from "` + abs + `/secret.js"; console.log(x)`),
		"double slash":                    one(`import x from "/` + abs + `/secret.js"; console.log(x)`),
		"file URL":                        one(`import x from "` + url + `/secret.js"; console.log(x)`),
		"NUL":                             one(`import x from "./secret.js\0.ts"; console.log(x)`),
		"backslash":                       one(`import x from ".\\secret.js"; console.log(x)`),
		"query":                           one(`import x from "./secret.js?x"; console.log(x)`),
		"namespace":                       one(`import x from "file:./secret.js"; import y from "package:/secret.js"; console.log(x, y)`),
		"data URL":                        one(`import x from "data:text/javascript,export * from './secret.js'"; console.log(x)`),
		"data URL with a map":             one(`import x from "data:text/javascript,//# sourceMappingURL=` + url + `/secret.map"; console.log(x)`),
		"JSON":                            one(`import x from "` + abs + `/secret.json" with { type: "json" }; console.log(x)`),
		"text":                            one(`import x from "./secret.txt"; import y from "../secret.txt" with { type: "text" }; console.log(x, y)`),
		"bytes":                           one(`import x from "./secret.bin" with { type: "bytes" }; console.log(x)`),
		"require":                         one(`console.log(require("./secret.js"), require("` + abs + `/secret.js"))`),
		"require.resolve":                 one(`console.log(require.resolve("./secret.js"))`),
		"dynamic import":                  one(`import("./secret.js").then(console.log)`),
		"export star":                     one(`export * from "./secret.js"`),
		"glob import":                     one("const y = 'secret'; import(`./${y}.js`).then(console.log)"),
		"glob import, absolute":           one("const y = 'secret'; import(`" + abs + "/${y}.js`).then(console.log)"),
		"glob import, climbing":           one("const y = 'secret'; import(`../${y}.js`).then(console.log)"),
		"glob require":                    one("const y = 'secret'; console.log(require('./' + y + '.js'))"),
		"glob import, climbing high":      one("const y = 'x'; import(`" + strings.Repeat("../", 200) + "etc/${y}`).then(console.log)"),
		"glob import, climbing in pieces": one("const y = 'x'; import('.' + `${'./'}" + strings.Repeat("../", 2000) + `\x2e\x2e\x2f` + "` + '../etc/' + y).then(console.log)"),
		"glob require, spelled":           one("const y = 'x'; console.log((\\u0072equire)(`./${y}`))"),
		"glob of an enum":                 one("enum E { A = '../../../../../../../../../../../../../' } import(`./${E.A}${E.A}${E.A}${E.A}${E.A}${E.A}${E.A}etc/${globalThis.x}`)"),
		"glob of a const":                 one("const A = '../../../../../../../../../../../../../'; import(A + A + A + A + A + A + globalThis.x); import(`./${A + A + A + A + A + A}/${globalThis.x}`)"),
		"new URL":                         one(`console.log(new URL("./secret.js", import.meta.url).href)`),
		"import type":                     one(`import x, { type Y } from "./secret"; console.log(x as Y)`),
		"reference path":                  one(`/// <reference path="` + abs + `/secret.js" />`),
		"jsx pragma":                      {"index.tsx": "/** @jsxImportSource ./secret */\nexport default <a/>"},
		"jsx pragma, absolute":            {"index.tsx": "/** @jsxImportSource " + abs + " */\nexport default <a/>"},
		"css import":                      {"index.ts": `import x from "./a.css"; console.log(x); export default 1`, "a.css": `@import "` + abs + `/secret.css"; a { background: url(` + url + `/secret.png) }`},
		"legal comment":                   one("//! " + abs + "/secret.js\n/*! @license file " + abs + "/secret.js */"),
		"package main":                    npm(`{"main":"../../../secret.js"}`),
		"package main, absolute":          npm(`{"main":"` + abs + `/secret.js"}`),
		"package module":                  npm(`{"module":"../../../../../../../../..` + abs + `/secret.js"}`),
		"package exports":                 npm(`{"exports":"./../../../secret.js"}`),
		"package exports, absolute":       npm(`{"exports":{".":["` + abs + `/secret.js","../../../secret.js"]}}`),
		"package browser":                 npm(`{"main":"./a.js","browser":{"./a.js":"../../../secret.js"}}`),
		"package browser, string":         npm(`{"browser":"../../../secret.js"}`),
		"package imports":                 {"index.ts": `import x from "#x"; console.log(x); export default 1`, "package.json": `{"imports":{"#x":"../secret.js"}}`},
		"package imports, absolute":       {"index.ts": `import x from "#x"; console.log(x); export default 1`, "package.json": `{"imports":{"#x":"` + abs + `/secret.js"}}`},
		"package name climbs":             one(`import x from "a/../../secret.js"; import y from "@a/../../secret.js"; console.log(x, y)`),
		"tsconfig paths": {"index.ts": `import x from "secret"; console.log(x); export default 1`,
			"tsconfig.json": `{"extends":"` + abs + `/tsconfig.json","compilerOptions":{"baseUrl":"` + abs + `","paths":{"secret":["./secret.js"]}}}`},
		"symlink's text": {"index.ts": `import x from "./link.js"; console.log(x); export default 1`, "link.js/x": abs + "/secret.js"},
	}
	// Comments that name a source map: esbuild opens a file: URL by itself.
	for name, comment := range map[string]string{
		"source map, file URL":         "//# sourceMappingURL=" + url + "/secret.map",
		"source map, localhost":        "//# sourceMappingURL=file://localhost" + abs + "/secret.map",
		"source map, old form":         "//@ sourceMappingURL=" + url + "/secret.map",
		"source map, block comment":    "/*# sourceMappingURL=" + url + "/secret.map */",
		"source map, relative":         "//# sourceMappingURL=secret.map",
		"source map, in a data URL":    `//# sourceMappingURL=data:application/json,{"version":3,"sources":["` + url + `/secret.js"],"mappings":"AAAA"}`,
		"source map, in npm's package": "//# sourceMappingURL=" + url + "/secret.map?x",
	} {
		attempts[name] = map[string]string{
			"index.ts": `import "./a.js"; import "evil"; export default 1`, "a.js": "console.log(1)\n" + comment + "\n",
			"node_modules/evil/index.js": "console.log(2)\n" + comment,
		}
	}
	return attempts
}

// plant writes secrets into a folder and makes it the current one. The source
// map is a FIFO: opening it would block for ever.
func plant(t *testing.T) string {
	dir := t.TempDir()
	inner := filepath.Join(dir, "plugin")
	if err := os.Mkdir(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, inner} {
		for name, text := range map[string]string{
			"secret.js": "export default '" + secret + "'", "secret.json": `"` + secret + `"`, "secret.txt": secret,
			"secret.bin": secret, "secret.css": "/* " + secret + " */", "secret.png": secret,
			"tsconfig.json": `{"compilerOptions":{"paths":{"secret":["./secret.js"]},"jsxImportSource":"` + secret + `"}}`,
			"package.json":  `{"name":"outer","exports":"./secret.js","imports":{"#x":"./secret.js"},"browser":{"evil":"./secret.js"}}`,
		} {
			if err := os.WriteFile(filepath.Join(d, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		plantPipe(t, filepath.Join(d, "secret.map"))
	}
	t.Chdir(inner)
	return inner
}

func plantPipe(t *testing.T, path string) {
	if runtime.GOOS == "windows" {
		return
	}
	if err := exec.Command("mkfifo", path).Run(); err != nil {
		t.Logf("no FIFO is planted: %v", err)
	}
}

func TestBuildReachesNothingBesideThePackage(t *testing.T) {
	dir := plant(t)
	for name, texts := range reaching(dir) {
		t.Run(name, func(t *testing.T) {
			b, err := bundle.Build(context.Background(), files(texts), bundle.Options{})
			if err != nil {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error holds the secret: %v", err)
				}
				return
			}
			if strings.Contains(b.Code, secret) || strings.Contains(string(b.SourceMap), secret) {
				t.Errorf("the bundle holds the secret:\n%s", b.Code)
			}
		})
	}
}
