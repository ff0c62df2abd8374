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
	"github.com/innkeeper-host/innkeeper/storage"
	"github.com/innkeeper-host/innkeeper/storage/sqlite"
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

func TestDependenciesLoadFirstOrAreNamed(t *testing.T) {
	h := open(t)
	write := func(f files) string { return f.folder(t, t.TempDir()) }
	needs := func(name string, deps any) files { return plugin(name, "", ``).with("dependencies", deps) }
	err := h.Load(limited(t),
		write(needs("cc", map[string]string{"bb": "^1.0.0"})), write(needs("bb", []string{"aa"})), write(needs("aa", []string{})),
		write(needs("lonely", []string{"nobody"})), write(needs("picky", map[string]string{"aa": ">=2"})),
		write(needs("xx", []string{"yy"})), write(needs("yy", []string{"zz"})), write(needs("zz", []string{"xx"})), write(needs("beside", []string{"xx"})),
		write(needs("aa", []string{})), "/nowhere/at/all")
	var missing *innkeeper.MissingError
	var mismatch *innkeeper.MismatchError
	var cycle *innkeeper.CycleError
	if !errors.As(err, &missing) || !errors.As(err, &mismatch) || !errors.As(err, &cycle) || !errors.Is(err, innkeeper.ErrLoaded) || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("load: %v", err)
	}
	holds(t, "missing", missing.Error(), "Missing dependency: nobody")
	var order []string
	h.book.mu.Lock()
	for _, e := range h.book.events {
		if e.Type == innkeeper.EventState && e.State == active {
			order = append(order, e.Plugin)
		}
	}
	h.book.mu.Unlock()
	same(t, "order", order, []string{"aa", "bb", "cc"})

	err = h.Unload(limited(t), "aa", innkeeper.UnloadOptions{})
	var needed *innkeeper.DependentsError
	if !errors.As(err, &needed) {
		t.Fatalf("unload: %v", err)
	}
	same(t, "dependents", needed.Dependents, []string{"cc", "bb"})
	if err := h.Disable(limited(t), "bb"); !errors.As(err, &needed) {
		t.Fatalf("disable: %v", err)
	}
	if err := h.Unload(limited(t), "aa", innkeeper.UnloadOptions{WithDependents: true}); err != nil {
		t.Fatal(err)
	}
	var gone []string
	h.book.mu.Lock()
	for _, e := range h.book.events {
		if e.Type == innkeeper.EventState && e.State == stopped {
			gone = append(gone, e.Plugin)
		}
	}
	h.book.mu.Unlock()
	same(t, "stopped", gone, []string{"cc", "bb", "aa"})
}

func TestAReloadCannotBreakDependencies(t *testing.T) {
	h := open(t)
	dirA, dirB := t.TempDir(), t.TempDir()
	a, b := plugin("aa", "", ``), plugin("bb", "", ``).with("dependencies", map[string]string{"aa": "^1.0.0"})
	if err := h.Load(limited(t), a.folder(t, dirA), b.folder(t, dirB)); err != nil {
		t.Fatal(err)
	}
	a.with("version", "2.0.0").folder(t, dirA)
	var mismatch *innkeeper.MismatchError
	if err := h.Reload(limited(t), "aa"); !errors.As(err, &mismatch) {
		t.Errorf("another major version: %v", err)
	}
	a.with("dependencies", []string{"bb"}).folder(t, dirA)
	var cycle *innkeeper.CycleError
	if err := h.Reload(limited(t), "aa"); !errors.As(err, &cycle) {
		t.Errorf("a circle: %v", err)
	}
	a.with("version", "1.5.0").folder(t, dirA)
	if err := h.Reload(limited(t), "aa"); err != nil {
		t.Error(err)
	}
	plugin("other", "", ``).folder(t, dirA)
	if err := h.Reload(limited(t), "aa"); err == nil {
		t.Error("a reload changed the plugin's name")
	}
	if info, _ := h.Plugin("aa"); info.Version != "1.5.0" || info.State != active {
		t.Errorf("plugin: %+v", info)
	}
}

func TestWhatIsWantedOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	h := openIn(t, dir)
	for _, name := range []string{"one", "two", "three"} {
		path := plugin(name, "storage:read,write", `log(await storage.increment("starts"));`).folder(t, t.TempDir())
		info, err := h.Install(limited(t), path)
		if err != nil || info.State != innkeeper.StateInstalled {
			t.Fatalf("install: %v %+v", err, info)
		}
	}
	if err := h.Start(limited(t)); err != nil {
		t.Fatal(err)
	}
	if err := h.Disable(limited(t), "two"); err != nil {
		t.Fatal(err)
	}
	h.close()
	if err := h.Reload(limited(t), "one"); !errors.Is(err, innkeeper.ErrClosed) {
		t.Errorf("reload of a closed host: %v", err)
	}
	if err := h.LoadPackage(limited(t), plugin("four", "", ``).pkg(t)); err == nil {
		t.Error("a closed host loaded")
	}
	if _, err := h.Receive(limited(t), person("lobby", "x")); !errors.Is(err, innkeeper.ErrClosed) {
		t.Errorf("receive of a closed host: %v", err)
	}

	h = openIn(t, dir)
	if err := h.Start(limited(t)); err != nil {
		t.Fatal(err)
	}
	same(t, "one", h.lines("one"), []string{"2"})
	same(t, "two", h.lines("two"), []string{})
	same(t, "three", h.lines("three"), []string{"2"})
	if err := h.Enable(limited(t), "two"); err != nil {
		t.Fatal(err)
	}
	same(t, "two", h.lines("two"), []string{"2"})
}

func TestAReloadTakesTheVersionThatWasInstalledMeanwhile(t *testing.T) {
	h := open(t)
	install := func(version string) {
		t.Helper()
		path := plugin("pp", "", `log(context.plugin.version);`).with("version", version).folder(t, t.TempDir())
		if _, err := h.Install(limited(t), path); err != nil {
			t.Fatal(err)
		}
	}
	install("1.0.0")
	if err := h.Start(limited(t)); err != nil {
		t.Fatal(err)
	}
	install("1.1.0")
	if err := h.Reload(limited(t), "pp"); err != nil {
		t.Fatal(err)
	}
	same(t, "lines", h.lines("pp"), []string{"1.0.0", "1.1.0"})
}

func TestEnableAsksNothingOfOthers(t *testing.T) {
	h := open(t)
	for name, code := range map[string]string{"good": ``, "bad": `throw new Error("x");`} {
		if _, err := h.Install(limited(t), plugin(name, "", code).folder(t, t.TempDir())); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Enable(limited(t), "good"); err != nil {
		t.Error(err)
	}
	if h.state("good") != active || h.state("bad") != "" {
		t.Errorf("good is %q, bad is %q", h.state("good"), h.state("bad"))
	}
}

func TestANameOfAnotherOriginIsRefused(t *testing.T) {
	dir := t.TempDir()
	h := openIn(t, dir)
	h.close()
	store, err := sqlite.OpenStore(dir+"/innkeeper.db", sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutPlugin(limited(t), storage.Plugin{Origin: "acme", Name: "pp", Version: "1.0.0", Package: "pp-1.0.0.plugin.json"}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	h = openIn(t, dir)
	path := plugin("pp", "", ``).folder(t, t.TempDir())
	var other *storage.OriginError
	if err := h.Load(limited(t), path); !errors.As(err, &other) {
		t.Errorf("load: %v", err)
	}
	if _, err := h.Install(limited(t), path); !errors.As(err, &other) {
		t.Errorf("install: %v", err)
	}
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
