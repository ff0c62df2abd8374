package innkeeper_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper"
)

// busyBody makes a plugin that leaves something of every kind behind.
const busyBody = `
	api.onMessage(m => { events.emit("x", m); });
	api.interceptMessage(() => {});
	events.on("x", () => {});
	api.registerCommand({ name: "go", handler() {} });
	api.registerSettings({ a: { type: "boolean", default: true } });
	api.onSettingsChange(() => {});
	api.addMenuItem({ id: "i", label: "I", onClick() {} });
	api.registerComponent({ name: "C", position: "top", component: () => null });
	setInterval(() => {}, 1e6);
	storage.set("k", [1, 2, 3]);
	this.big = new Array(1000).fill("x".repeat(100)).map((s, i) => s + i);
`

const busyPermissions = "messages:read,send,intercept storage:read,write commands:register settings:read ui:components,menu events:listen"

// heap is what is live after a full collection, in bytes.
func heap() uint64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// soak runs a step many times and reports goroutines and memory that it leaves.
func soak(t *testing.T, times int, step func(i int)) {
	t.Helper()
	// What is made once (caches, pools, the statements of the store) is made by then.
	for i := range times / 10 {
		step(i)
	}
	goroutines, before := runtime.NumGoroutine(), heap()
	for i := range times {
		step(times/10 + i)
	}
	if after := heap(); after > before+2<<20 {
		t.Errorf("the heap grew from %d to %d KB in %d times", before>>10, after>>10, times)
	}
	if now := runtime.NumGoroutine(); now > goroutines+2 { // the runtime's own come and go
		t.Errorf("%d goroutines, %d before", now, goroutines)
	}
}

func quiet(h *house) {
	h.book.mu.Lock()
	defer h.book.mu.Unlock()
	h.book.events, h.book.logged = nil, nil
}

func TestLoadsAndUnloadsLeaveNothingBehind(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	h := open(t)
	pkg := plugin("guest", busyPermissions, busyBody).pkg(t)
	soak(t, 1000, func(int) {
		if err := h.LoadPackage(t.Context(), pkg); err != nil {
			t.Fatal(err)
		}
		if err := h.Unload(t.Context(), "guest", innkeeper.UnloadOptions{}); err != nil {
			t.Fatal(err)
		}
		quiet(h)
	})
}

func TestReloadsLeaveNothingBehind(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	h := open(t)
	if err := h.LoadPackage(t.Context(), plugin("guest", busyPermissions, busyBody).pkg(t)); err != nil {
		t.Fatal(err)
	}
	soak(t, 1000, func(i int) {
		if i%10 == 0 {
			if _, err := h.Receive(t.Context(), person("lobby", fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Reload(t.Context(), "guest"); err != nil {
			t.Fatal(err)
		}
		h.app.mu.Lock()
		h.app.sent = nil
		h.app.mu.Unlock()
		quiet(h)
	})
}

func TestFailedLoadsAndReloadsLeaveNothingBehind(t *testing.T) {
	h := open(t)
	bad := plugin("guest", busyPermissions, busyBody+`await say("held"); events.emit("x"); throw new Error("no");`).pkg(t)
	good := plugin("good", busyPermissions, busyBody).pkg(t)
	if err := h.LoadPackage(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	soak(t, 100, func(int) {
		if err := h.LoadPackage(t.Context(), bad); err == nil {
			t.Fatal("it loaded")
		}
		if err := h.Unload(t.Context(), "guest", innkeeper.UnloadOptions{}); err != nil {
			t.Fatal(err)
		}
		quiet(h)
	})
	h.settle()
}

func TestManyMessagesLeaveNothingBehind(t *testing.T) {
	h := open(t)
	h.load(plugin("guest", busyPermissions, strings.Replace(busyBody, "api.onMessage(", "api.onMessage(async (m) => { await storage.increment('n'); }); api.onMessage(", 1)))
	soak(t, 1000, func(i int) {
		if _, err := h.Receive(t.Context(), person("lobby", fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
		if i%50 == 0 {
			h.settle()
			h.app.mu.Lock()
			h.app.sent = nil
			h.app.mu.Unlock()
			quiet(h)
		}
	})
}
