package bundle_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

// files makes a package of text files; the entry is the first of the usual
// names that is there.
func files(texts map[string]string) *packaging.Package {
	p := &packaging.Package{Manifest: &packaging.Manifest{Name: "probe", Version: "1.0.0"}, Files: map[string][]byte{}}
	for name, text := range texts {
		p.Files[name] = []byte(text)
	}
	for _, main := range []string{"index.ts", "index.tsx", "index.jsx", "index.mjs", "index.js", "src/index.ts"} {
		if _, ok := texts[main]; ok {
			p.Manifest.Main = main
			break
		}
	}
	return p
}

// fills are what a VM needs before any bundle runs: lowered code names these
// symbols.
const fills = `
for (const name of ["asyncIterator", "dispose", "asyncDispose", "metadata"])
	if (!Symbol[name]) Object.defineProperty(Symbol, name, { value: Symbol("Symbol." + name) });
`

// exports runs a bundle in the real engine and gives what its entry exports.
func exports(t *testing.T, b *bundle.Bundle) (*goja.Runtime, *goja.Object) {
	t.Helper()
	vm := goja.New()
	vm.SetParserOptions(parser.WithDisableSourceMaps)
	if _, err := vm.RunString(fills); err != nil {
		t.Fatal(err)
	}
	program, err := goja.Compile("plugin", b.Code, false)
	if err != nil {
		t.Fatalf("the engine refuses the bundle: %v\n%s", err, b.Code)
	}
	v, err := vm.RunProgram(program)
	if err != nil {
		t.Fatal(err)
	}
	start, ok := goja.AssertFunction(v)
	if !ok {
		t.Fatalf("the script's completion value is %v, not a function", v)
	}
	v, err = start(goja.Undefined())
	if err != nil {
		t.Fatal(err)
	}
	promise, ok := v.Export().(*goja.Promise)
	if !ok {
		return vm, v.ToObject(vm)
	}
	switch promise.State() {
	case goja.PromiseStateRejected:
		t.Fatalf("the bundle throws: %v\n%s", promise.Result(), b.Code)
	case goja.PromiseStatePending:
		t.Fatalf("the bundle waits for ever")
	}
	return vm, promise.Result().ToObject(vm)
}

// answer builds and runs a package whose default export is a value.
func answer(t *testing.T, p *packaging.Package) string {
	t.Helper()
	b, err := bundle.Build(context.Background(), p, bundle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, all := exports(t, b)
	return all.Get("default").String()
}

// refused builds a package that must not build, and wants each text in the
// error.
func refused(t *testing.T, p *packaging.Package, want ...string) {
	t.Helper()
	b, err := bundle.Build(context.Background(), p, bundle.Options{})
	if err == nil {
		t.Fatalf("it builds:\n%s", b.Code)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error does not say %q:\n%v", w, err)
		}
	}
}

// buildErr is the error of a package that must not build.
func buildErr(t *testing.T, p *packaging.Package) *bundle.BuildError {
	t.Helper()
	_, err := bundle.Build(context.Background(), p, bundle.Options{})
	var wrong *bundle.BuildError
	if !errors.As(err, &wrong) || len(wrong.Messages) == 0 {
		t.Fatalf("want a BuildError, got %v", err)
	}
	return wrong
}
