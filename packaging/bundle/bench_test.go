package bundle_test

import (
	"context"
	"testing"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

func twoFiles() *packaging.Package {
	return files(map[string]string{
		"src/index.ts": `import { definePlugin } from "innkeeper";
import { greet } from "./greet";
export default definePlugin({
  context: undefined as unknown,
  async initialize(context: any) {
    this.context = context;
    context.api.onMessage(async (message: { content: string }) => {
      if (message.content.startsWith("!hello")) await context.api.sendMessage({ content: greet(message.content.slice(7)) });
    });
  },
  destroy() {},
});`,
		"src/greet.ts": `export function greet(name: string): string { return ` + "`Hello ${name || \"you\"}`" + ` }`,
	})
}

func BenchmarkBuildTwoFiles(b *testing.B) {
	p := twoFiles()
	for b.Loop() {
		if _, err := bundle.Build(context.Background(), p, bundle.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCachedInMemory(b *testing.B) {
	c, err := bundle.NewCache(bundle.CacheOptions{})
	if err != nil {
		b.Fatal(err)
	}
	p := twoFiles()
	for b.Loop() {
		if _, err := c.Build(context.Background(), p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCachedOnDisk(b *testing.B) {
	dir := b.TempDir()
	p := twoFiles()
	for b.Loop() {
		c, err := bundle.NewCache(bundle.CacheOptions{Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Build(context.Background(), p); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStartInVM is the floor of a load: a compiled bundle in a fresh VM.
func BenchmarkStartInVM(b *testing.B) {
	built, err := bundle.Build(context.Background(), twoFiles(), bundle.Options{})
	if err != nil {
		b.Fatal(err)
	}
	program := goja.MustCompile("plugin", built.Code, false)
	b.ReportAllocs()
	for b.Loop() {
		vm := goja.New()
		v, err := vm.RunProgram(program)
		if err != nil {
			b.Fatal(err)
		}
		start, _ := goja.AssertFunction(v)
		if _, err := start(goja.Undefined()); err != nil {
			b.Fatal(err)
		}
	}
}
