package bundle

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/innkeeper-host/innkeeper/packaging"
)

// FuzzBuild gives hostile sources and a hostile npm package to Build. Whatever
// builds is a script that the engine compiles, whose value is a function, and
// which the source cannot have broken out of.
func FuzzBuild(f *testing.F) {
	f.Add(`export default 1`, `{"exports":"./a.js"}`, `module.exports = 1`)
	f.Add(`import x from "evil"; export default x`, `{"main":"../../x","browser":{"./a.js":false}}`, `export default await 1`)
	f.Add(`import x from "evil/y"; export { x as default, x as "export{" }`, `{"exports":{"./*":["./*.js",null]}}`, "export {}; //# sourceMappingURL=file:///etc/passwd")
	f.Add("export default `export{a as default};return __plugin})`", `{"imports":{"#a":"./a.js"}}`, `__plugin = 2; await 0`)
	f.Add("#!/x\n\"use strict\"; let __plugin; export default class { static x = /[/\\]})]/ }", `[]`, `}); (async function(){`)
	f.Add("/* */ export default <a b={`${1}`}/>", `{"sideEffects":["*"]}`, `import(globalThis.x); require("x" + 1)`)
	f.Add("import * as a from './index.tsx'; export default a\u2028", `{"type":"module"}`, "export default /\\p{L}/u")
	f.Fuzz(func(t *testing.T, code, packageJSON, npm string) {
		if len(code)+len(packageJSON)+len(npm) > 2000 || strings.Count(code+npm, "(") > 15 {
			t.Skip() // esbuild takes exponential time for parentheses with defaults
		}
		p := &packaging.Package{
			Manifest: &packaging.Manifest{Name: "probe", Version: "1.0.0", Main: "index.tsx"},
			Files: map[string][]byte{
				"index.tsx": []byte(code), "node_modules/evil/package.json": []byte(packageJSON),
				"node_modules/evil/a.js": []byte(npm), "node_modules/evil/index.js": []byte(npm), "node_modules/evil/y.js": []byte(npm),
			},
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		b, err := Build(ctx, p, Options{})
		if err != nil {
			var wrong *BuildError
			if !errors.As(err, &wrong) {
				t.Fatalf("not a BuildError: %v", err)
			}
			if len(wrong.Messages) == 0 || strings.ContainsAny(strings.ReplaceAll(err.Error(), "\n", ""), "\x00\x1b\u202e\r") {
				t.Fatalf("the message is not safe to show: %q", err)
			}
			return
		}
		program, err := goja.Parse("x", b.Code, parser.WithDisableSourceMaps)
		if err != nil {
			t.Fatalf("the engine cannot read what was built: %v\n%s", err, b.Code)
		}
		if len(program.Body) != 1 {
			t.Fatalf("the source broke out of its function:\n%s", b.Code)
		}
		compiled, err := goja.CompileAST(program, false)
		if err != nil {
			t.Skipf("the engine's compiler: %v", err) // early errors that only it finds
		}
		v, err := goja.New().RunProgram(compiled)
		if err != nil {
			t.Fatalf("the script itself does something: %v", err)
		}
		if _, ok := goja.AssertFunction(v); !ok {
			t.Fatalf("the script is no function:\n%s", b.Code)
		}
	})
}

// FuzzPackageJSON resolves through a hostile package.json: it never panics and
// never leads out of the tree.
func FuzzPackageJSON(f *testing.F) {
	f.Add(`{"exports":{".":{"import":"./a.js"},"./*":"./*/x.js","./a/":"./"}}`, "evil/a/b")
	f.Add(`{"imports":{"#x/*":"./*","#y":"evil"},"name":"evil"}`, "#x/../../y")
	f.Add(`{"main":"..","module":"../../..","browser":{".":"..","evil":"./a.js","a":"b","b":"a"}}`, "evil")
	f.Fuzz(func(t *testing.T, packageJSON, specifier string) {
		tree := newPackageTree(map[string][]byte{
			"index.js": nil, "package.json": []byte(packageJSON), "node_modules/evil/package.json": []byte(packageJSON),
			"node_modules/evil/a.js": nil, "node_modules/evil/index.js": nil, "node_modules/evil/a/b.js": nil,
		})
		for _, importer := range []string{"/index.js", "/node_modules/evil/a/b.js"} {
			for _, kind := range []importKind{byImport, byRequire} {
				found, err := newResolver(tree).resolve(specifier, importer, kind)
				if err == nil && !found.disabled && !tree.isFile(found.path) {
					t.Fatalf("%q leads to %q, which is not there", specifier, found.path)
				}
			}
		}
	})
}

// FuzzNesting holds that the scan ends and counts something for what is open.
func FuzzNesting(f *testing.F) {
	f.Add("a=`${b}`/c/g;//x\n/*", byte('{'))
	f.Fuzz(func(t *testing.T, prefix string, c byte) {
		scanNesting([]byte(prefix), 100, nil)
	})
}
