package bundle_test

import (
	"context"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

func TestBundleIsAFunctionThatGivesTheExports(t *testing.T) {
	b, err := bundle.Build(context.Background(), files(map[string]string{
		"src/index.ts": `import { greet } from "./greet"; import { definePlugin } from "innkeeper";
export default definePlugin({ initialize(context: unknown) { return greet("you") } });`,
		"src/greet.ts": `export function greet(name: string): string { return "Hello " + name }`,
	}), bundle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	vm, all := exports(t, b)
	if b.Async {
		t.Error("the function is async for nothing")
	}
	vm.Set("plugin", all.Get("default"))
	v, err := vm.RunString("plugin.initialize()")
	if err != nil || v.String() != "Hello you" {
		t.Errorf("initialize gives %v, %v", v, err)
	}
	if want := []string{"src/greet.ts", "src/index.ts"}; strings.Join(b.Inputs, " ") != strings.Join(want, " ") {
		t.Errorf("inputs are %q", b.Inputs)
	}
	if strings.Contains(b.Code, "sourceMappingURL") {
		t.Error("the code names a source map")
	}
}

func TestTopLevelAwaitInTheEntry(t *testing.T) {
	got := answer(t, files(map[string]string{
		"index.ts": `const a = await Promise.resolve(20); import b from "./b"; export default a + b;`,
		"b.ts":     `export default await Promise.resolve(22);`,
	}))
	if got != "42" {
		t.Errorf("got %s", got)
	}
}

func TestEntryWithoutDefaultExportIsRefused(t *testing.T) {
	refused(t, files(map[string]string{"index.ts": `export const x = 1`}), "index.ts", "no default export")
}

func TestEntryMayBeCommonJS(t *testing.T) {
	if got := answer(t, files(map[string]string{"index.js": `module.exports = "plain"`})); got != "plain" {
		t.Errorf("got %s", got)
	}
	if got := answer(t, files(map[string]string{"index.js": `exports.__esModule = true; exports.default = "compiled"`})); got != "compiled" {
		t.Errorf("got %s", got)
	}
}
