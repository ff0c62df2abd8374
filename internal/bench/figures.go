package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/dop251/goja"
	_ "modernc.org/sqlite" // the floor of storage is the driver itself

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/packaging"
)

var figures = []figure{
	{name: "message to one listening plugin, in a stream", goal: "≤ 2 ×", ours: messageStream, floor: bareCall},
	{name: "message to one listening plugin, waiting for each", goal: "≤ 2 ×", ours: messageToOne, floor: bareCall},
	{name: "message to 1,000 plugins, one matches", goal: "≤ 50 µs", ours: messageToOneOfMany},
	{name: "message to 1,000 listening plugins", goal: "≤ 1.5 ×", ours: messageToMany, floor: bareCalls},
	{name: "load from a cached bundle to active", goal: "≤ 500 µs", ours: loadCached},
	{name: "memory of a loaded hello plugin", goal: "≤ 100 KB", ours: memoryOfOne, show: memory},
	{name: "storage.set from JavaScript, synchronous FULL", goal: "≤ 3 ×", ours: storageSet, floor: preparedSet},
}

// app is a chat server that keeps nothing.
type app struct{}

func (app) SendMessage(_ context.Context, m chat.Message) (chat.Message, error) {
	m.ID = "1"
	return m, nil
}

const listener = `export default { initialize(context) { context.api.onMessage(m => { globalThis.last = m.content.length }) } }`

const hello = `export default {
	async initialize(context) {
		context.api.onMessage(async (m) => {
			if (m.content.includes("!example")) await context.api.sendMessage({ content: "Hello from example plugin!", role: "assistant" });
		});
		console.log("Example plugin initialized");
	},
	async destroy() {},
}`

func plugin(name, code string, activation ...string) *packaging.Package {
	return &packaging.Package{
		Manifest: &packaging.Manifest{
			Name: name, Version: "1.0.0", Main: "index.js", Activation: activation,
			Permissions: []packaging.Permission{
				{Resource: "messages", Actions: []string{"read", "send"}},
				{Resource: "storage", Actions: []string{"read", "write"}},
			},
		},
		Files: map[string][]byte{"index.js": []byte(code)},
	}
}

func open(b *testing.B) *innkeeper.Host {
	dir, err := os.MkdirTemp("", "innkeeper-bench-")
	if err != nil {
		b.Fatal(err)
	}
	h, err := innkeeper.New(innkeeper.Options{App: app{}, Dir: dir, Policy: innkeeper.Policy{GrantDeclared: true},
		Limits: innkeeper.Limits{Work: 1 << 20}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			b.Error(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			b.Error(err)
		}
	})
	return h
}

func load(b *testing.B, h *innkeeper.Host, p *packaging.Package) {
	if err := h.LoadPackage(context.Background(), p); err != nil {
		b.Fatal(err)
	}
}

func settle(b *testing.B, h *innkeeper.Host) {
	if err := h.Settle(context.Background()); err != nil {
		b.Fatal(err)
	}
}

func message() chat.Message {
	return chat.Message{ID: "4711", Channel: "general", Role: chat.RoleUser, Author: chat.Author{ID: "u1", Name: "Ann"},
		Content: "what a lovely day in the country", Metadata: map[string]any{}}
}

// messageToOne delivers and waits for the handler, one after another.
func messageToOne(b *testing.B) {
	h := open(b)
	load(b, h, plugin("listener", listener))
	m := message()
	b.ResetTimer()
	for range b.N {
		_ = h.Deliver(context.Background(), m)
		settle(b, h)
	}
	b.StopTimer()
}

// messageStream delivers as a busy chat does, and waits for the handler now and
// then.
func messageStream(b *testing.B) {
	h := open(b)
	load(b, h, plugin("listener", listener))
	m := message()
	b.ResetTimer()
	for i := range b.N {
		_ = h.Deliver(context.Background(), m)
		if i%500 == 499 {
			settle(b, h)
		}
	}
	settle(b, h)
	b.StopTimer()
}

// bareCall is the floor: one goja call with an object built by hand.
func bareCall(b *testing.B) {
	vm, handler := bareVM(b)
	b.ResetTimer()
	for range b.N {
		callByHand(b, vm, handler)
	}
}

func bareVM(b *testing.B) (*goja.Runtime, goja.Callable) {
	vm := goja.New()
	value, err := vm.RunString(`(m => { globalThis.last = m.content.length })`)
	if err != nil {
		b.Fatal(err)
	}
	handler, _ := goja.AssertFunction(value)
	return vm, handler
}

func callByHand(b *testing.B, vm *goja.Runtime, handler goja.Callable) {
	author := vm.NewObject()
	_ = author.Set("id", "u1")
	_ = author.Set("name", "Ann")
	m := vm.NewObject()
	_ = m.Set("id", "4711")
	_ = m.Set("channel", "general")
	_ = m.Set("role", "user")
	_ = m.Set("author", author)
	_ = m.Set("content", "what a lovely day in the country")
	_ = m.Set("metadata", vm.NewObject())
	_ = m.Set("createdAt", "2026-01-01T00:00:00.000Z")
	if _, err := handler(goja.Undefined(), m); err != nil {
		b.Fatal(err)
	}
}

func messageToOneOfMany(b *testing.B) {
	h := open(b)
	for i := range 1000 {
		load(b, h, plugin(fmt.Sprintf("plugin-%d", i), listener, fmt.Sprintf("message:!command-%d", i)))
	}
	m := message()
	m.Content = "!command-500 please"
	b.ResetTimer()
	for range b.N {
		_ = h.Deliver(context.Background(), m)
		settle(b, h)
	}
	b.StopTimer()
}

func messageToMany(b *testing.B) {
	h := open(b)
	for i := range 1000 {
		load(b, h, plugin(fmt.Sprintf("plugin-%d", i), listener))
	}
	m := message()
	b.ResetTimer()
	for range b.N {
		_ = h.Deliver(context.Background(), m)
		settle(b, h)
	}
	b.StopTimer()
}

// usual touches the built-ins that any plugin touches: an engine that has made
// nothing of its own yet fits into a cache that 1,000 plugins do not.
const usual = `Promise.resolve(1).then(x => x); new Map([[1, 2]]); /a/.test("a"); [1].map(x => x); JSON.parse("{}"); Symbol.iterator; new Uint8Array(2)`

// bareCalls is the floor: 1,000 bare VMs called one after another, each with a
// compiled constructor and flat values.
func bareCalls(b *testing.B) {
	type bare struct {
		vm   *goja.Runtime
		call goja.Callable
		fn   goja.Value
	}
	program := goja.MustCompile("flat.js", `((handler, id, channel, role, authorId, authorName, content, createdAt) =>
		handler({ id, channel, role, author: { id: authorId, name: authorName }, content, metadata: {}, createdAt }))`, true)
	vms := make([]bare, 1000)
	for i := range vms {
		vm := goja.New()
		if _, err := vm.RunString(usual); err != nil {
			b.Fatal(err)
		}
		flat, err := vm.RunProgram(program)
		if err != nil {
			b.Fatal(err)
		}
		handler, err := vm.RunString(`(m => { globalThis.last = m.content.length })`)
		if err != nil {
			b.Fatal(err)
		}
		call, _ := goja.AssertFunction(flat)
		vms[i] = bare{vm, call, handler}
	}
	b.ResetTimer()
	for range b.N {
		for _, v := range vms {
			to := v.vm.ToValue
			if _, err := v.call(goja.Undefined(), v.fn, to("4711"), to("general"), to("user"), to("u1"), to("Ann"),
				to("what a lovely day in the country"), to("2026-01-01T00:00:00.000Z")); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func loadCached(b *testing.B) {
	h := open(b)
	p := plugin("hello", hello)
	load(b, h, p)
	ctx := context.Background()
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		if err := h.Unload(ctx, "hello", innkeeper.UnloadOptions{}); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		load(b, h, p)
	}
	b.StopTimer()
}

// memoryOfOne is told as a metric, by what a thousand hello plugins hold.
func memoryOfOne(b *testing.B) {
	const n = 1000
	h := open(b)
	load(b, h, plugin("first", hello))
	before := heap()
	for i := range n {
		load(b, h, plugin(fmt.Sprintf("hello-%d", i), hello))
	}
	settle(b, h)
	b.ReportMetric(float64(heap()-before)/n/1024, "KB/plugin")
}

// heap is what is alive, stacks of goroutines included.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

func memory(ours, _ testing.BenchmarkResult) string {
	return fmt.Sprintf("%.1f KB\t\t", ours.Extra["KB/plugin"])
}

func storageSet(b *testing.B) {
	h := open(b)
	load(b, h, plugin("store", `export default { initialize(context) {
		context.api.onMessage(async m => {
			const n = Number(m.content);
			for (let i = 0; i < n; i++) await context.storage.set("key", i);
		}) } }`))
	m := message()
	m.Content = fmt.Sprint(b.N)
	b.ResetTimer()
	_ = h.Deliver(context.Background(), m)
	settle(b, h)
	b.StopTimer()
}

// preparedSet is the floor: a prepared statement in a database of the same
// settings, each in a transaction of its own.
func preparedSet(b *testing.B) {
	dir, err := os.MkdirTemp("", "innkeeper-bench-")
	if err != nil {
		b.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "floor.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE kv (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID"); err != nil {
		b.Fatal(err)
	}
	set, err := db.Prepare("INSERT INTO kv VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		if _, err := set.Exec("key", fmt.Sprint(i)); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
}
