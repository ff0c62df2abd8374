package bundle_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/go-sourcemap/sourcemap"

	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

// TestSourceMapLeadsToThePluginsOwnLines throws in each kind of file and maps
// the place that the engine gives.
func TestSourceMapLeadsToThePluginsOwnLines(t *testing.T) {
	b, err := bundle.Build(context.Background(), files(map[string]string{
		"src/index.ts":            "import { a } from './lib/a'; import p from 'p';\n// żółw 🐢\nexport default {\n  own(): void {\n    const re = /żółw🐢/u; throw new Error('own' + re.source);\n  },\n  other() { a(1) },\n  npm() { p() },\n};",
		"src/lib/a.ts":            "interface A { x: number }\n\nexport function a(x: number) {\n  if (x)\n    throw new Error('a');\n}",
		"node_modules/p/index.js": "\n\n\nmodule.exports = function () { throw new Error('p') }\n//# sourceMappingURL=index.js.map",
	}), bundle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	consumer, err := sourcemap.Parse("", b.SourceMap)
	if err != nil {
		t.Fatal(err)
	}
	vm, all := exports(t, b)
	for method, want := range map[string]struct {
		file string
		line int
	}{"own": {"src/index.ts", 5}, "other": {"src/lib/a.ts", 5}, "npm": {"node_modules/p/index.js", 4}} {
		f, _ := goja.AssertFunction(all.Get("default").ToObject(vm).Get(method))
		_, err := f(goja.Undefined())
		var thrown *goja.Exception
		if !errors.As(err, &thrown) {
			t.Fatal(err)
		}
		at := thrown.Stack()[0].Position()
		file, _, line, _, ok := consumer.Source(at.Line, at.Column-1)
		if !ok || file != want.file || line != want.line {
			t.Errorf("%s: %v leads to %s:%d, want %s:%d", method, at, file, line, want.file, want.line)
		}
	}
}

func TestSourceMapNamesOnlyThePackagesFiles(t *testing.T) {
	p := files(map[string]string{"index.tsx": `import "./a.js"; export default <a/>`,
		"a.js": "console.log(1)\n//# sourceMappingURL=data:application/json,%7B%22version%22:3,%22sources%22:[%22/etc/passwd%22],%22mappings%22:%22AAAA%22%7D"})
	b, err := bundle.Build(context.Background(), p, bundle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Sources        []string
		SourcesContent []string
	}
	if err := json.Unmarshal(b.SourceMap, &m); err != nil {
		t.Fatal(err)
	}
	for _, s := range m.Sources {
		if _, ok := p.Files[s]; !ok && !strings.HasPrefix(s, "innkeeper:") {
			t.Errorf("a source is %q", s)
		}
	}
	if len(m.SourcesContent) > 0 {
		t.Error("the sources' contents are in the map")
	}
}

func TestOutputIsBounded(t *testing.T) {
	_, err := bundle.Build(context.Background(), small(strings.Repeat("x", 2000)), bundle.Options{MaxOutput: 1000})
	if err == nil || !strings.Contains(err.Error(), "larger than the limit") {
		t.Errorf("the error is %v", err)
	}
}
