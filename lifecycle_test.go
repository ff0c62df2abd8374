package innkeeper_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/innkeeper-host/innkeeper"
)

// Every test closes its hosts: nothing of them may be left.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	initializing = innkeeper.StateInitializing
	active       = innkeeper.StateActive
	stopping     = innkeeper.StateStopping
	stopped      = innkeeper.StateStopped
	failed       = innkeeper.StateError
	disabled     = innkeeper.StateDisabled
)

func TestStatesAreThoseOfTheContract(t *testing.T) {
	h := open(t)
	h.load(plugin("pp", "", `this.stop = () => log("destroyed");`))
	if err := h.Disable(limited(t), "pp"); err != nil {
		t.Fatal(err)
	}
	if err := h.Reload(limited(t), "pp"); !errors.Is(err, innkeeper.ErrNotActive) {
		t.Errorf("reload of a disabled plugin: %v", err)
	}
	if err := h.Enable(limited(t), "pp"); err != nil {
		t.Fatal(err)
	}
	if err := h.Enable(limited(t), "pp"); err != nil {
		t.Fatal(err)
	}
	if err := h.Unload(limited(t), "pp", innkeeper.UnloadOptions{}); err != nil {
		t.Fatal(err)
	}
	same(t, "states", h.states("pp"), []innkeeper.State{initializing, active, stopping, disabled, initializing, active, stopping, stopped})
	same(t, "lines", h.lines("pp"), []string{"destroyed", "destroyed"})
	for what, err := range map[string]error{
		"unload":  h.Unload(limited(t), "pp", innkeeper.UnloadOptions{}),
		"reload":  h.Reload(limited(t), "pp"),
		"enable":  h.Enable(limited(t), "pp"),
		"disable": h.Disable(limited(t), "pp"),
	} {
		if !errors.Is(err, innkeeper.ErrUnknownPlugin) {
			t.Errorf("%s of one that is gone: %v", what, err)
		}
	}
}

func TestAFirstInitializeThatFailsLeavesThePluginInError(t *testing.T) {
	for name, c := range map[string]struct{ code, reason string }{
		"throws":        {`export default { initialize() { throw new TypeError("bad"); } }`, "TypeError: bad"},
		"rejects":       {`export default { async initialize() { await null; throw "text"; } }`, "thrown: "},
		"top level":     {`throw new Error("top"); export default { initialize() {} }`, "top"},
		"none":          {`export default {}`, "the plugin has no initialize(context) method"},
		"never ends":    {`export default { initialize() { return new Promise(() => {}); } }`, "took longer than"},
		"runs for ever": {`export default { initialize() { for (;;) {} } }`, "Plugin execution timed out"},
		"constructor":   {`export default class { constructor() { throw new RangeError("c"); } initialize() {} }`, "RangeError: c"},
		"getter":        {`export default { get initialize() { throw new Error("get"); } }`, "get"},
		"panic":         {`export default { initialize() { for (const x of { [Symbol.iterator]: () => ({}) } as any) {} } }`, ""},
		"overflow":      {`export default { initialize() { const f = () => f(); f(); } }`, "Maximum call stack size exceeded"},
		"frozen":        {`export default Object.freeze({ initialize() {} })`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, func(o *innkeeper.Options) {
				o.Limits.Initialize = 300 * time.Millisecond
				o.Limits.Running = 100 * time.Millisecond
			})
			err := h.LoadPackage(limited(t), entry("pp", "", c.code).pkg(t))
			if err == nil {
				t.Fatal("it loaded")
			}
			holds(t, "error", err.Error(), c.reason)
			info, ok := h.Plugin("pp")
			if !ok || info.State != failed || !info.Wanted || info.Err == nil {
				t.Errorf("plugin: %+v", info)
			}
			same(t, "states", h.states("pp"), []innkeeper.State{initializing, failed})
			h.settle()
			if name == "runs for ever" && !errors.Is(err, innkeeper.ErrTimedOut) {
				t.Errorf("the error is not ErrTimedOut: %v", err)
			}
		})
	}
}

func TestWhatAClassIsGivenAndWhenItIsReady(t *testing.T) {
	h := open(t)
	h.load(entry("pp", "", `
		import { definePlugin } from "innkeeper";
		const started = await Promise.resolve("top-level await");
		class P { context; n; constructor(...args) { this.n = args.length; }
			async initialize(c) { console.log(started, this.n, c === this.context, this instanceof P); }
			async destroy() { console.log("destroyed", this.context.plugin.name); } }
		export default definePlugin(P as any);`))
	if err := h.Unload(limited(t), "pp", innkeeper.UnloadOptions{}); err != nil {
		t.Fatal(err)
	}
	same(t, "lines", h.lines("pp"), []string{"top-level await 0 true true", "destroyed pp"})
}

func TestDestroyHasADeadline(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) {
		o.Limits.Destroy, o.Limits.Running = 30*time.Millisecond, 60*time.Millisecond
	})
	h.load(
		plugin("hangs", "", `this.stop = () => new Promise(() => {});`),
		plugin("spins", "", `this.stop = () => { for (;;) {} };`),
		plugin("throws", "", `this.stop = () => { throw new Error("x"); };`),
		plugin("writes", "storage:read,write", `this.stop = () => { storage.set("last", 1); };`),
	)
	for _, name := range []string{"hangs", "spins", "throws", "writes"} {
		if err := h.Unload(limited(t), name, innkeeper.UnloadOptions{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	h.load(plugin("writes", "storage:read,write", `log(await storage.get("last"));`))
	same(t, "an unawaited write of destroy", h.lines("writes"), []string{"1"})
}

func TestHostsInOneProcessDoNotMeet(t *testing.T) {
	one, two := open(t), open(t)
	for i, h := range []*house{one, two} {
		h.load(plugin("pp", "messages:read,send storage:read,write", fmt.Sprintf(`
			await storage.set("n", %d); api.onMessage(async () => say(String(await storage.get("n"))));`, i)))
	}
	one.say("x")
	two.say("x")
	same(t, "one", one.app.texts(), []string{"0"})
	same(t, "two", two.app.texts(), []string{"1"})
	_, err := innkeeper.New(innkeeper.Options{App: one.app, Dir: one.dir})
	var held *innkeeper.HeldError
	if !errors.As(err, &held) || held.PID != os.Getpid() {
		t.Errorf("a second host on one directory: %v", err)
	}
}

func TestCloseEndsWhatWaits(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) { o.Limits.Destroy = time.Second })
	for _, f := range []files{
		plugin("waits", "messages:read,send,intercept", `
			api.onMessage(() => new Promise(() => {}));
			setInterval(() => {}, 1); setTimeout(() => {}, 1e8);
			api.schedule("j", { every: "1h" }, () => {});`).narrowed(
			map[string]any{"resource": "messages", "actions": []string{"read", "send", "intercept"}},
			map[string]any{"resource": "schedule", "actions": []string{"register"}}),
		plugin("holds", "messages:read,intercept", `api.interceptMessage(m => { log("asked"); return new Promise(() => {}); });`),
	} {
		if err := h.LoadPackage(limited(t), f.pkg(t)); err != nil {
			t.Fatal(err)
		}
	}
	received := make(chan error, 1)
	go func() { _, err := h.Receive(limited(t), person("lobby", "x")); received <- err }()
	h.awaitLine("holds", "asked")
	loading := make(chan error, 1)
	go func() {
		loading <- h.LoadPackage(limited(t), plugin("slow", "", `log("begun"); await new Promise(() => {});`).pkg(t))
	}()
	h.awaitLine("slow", "begun")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := h.Host.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := <-loading; !errors.Is(err, innkeeper.ErrClosed) {
		t.Errorf("load while the host closes: %v", err)
	}
	<-received // whatever became of it, it ended
	if err := h.Settle(limited(t)); err != nil {
		t.Errorf("something is under way after Close: %v", err)
	}
}
