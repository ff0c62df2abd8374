package innkeeper_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper"
)

// TestEverythingAtOnceEnds does all that an operator and a chat can do, at the
// same time, and then expects that nothing is left under way.
func TestEverythingAtOnceEnds(t *testing.T) {
	h := open(t, running(time.Second), func(o *innkeeper.Options) { o.Limits.Restarts = 1000 })
	const plugins = 4
	var dirs []string
	for i := range plugins {
		dirs = append(dirs, plugin(fmt.Sprintf("plug%d", i), "messages:read,send,intercept storage:read,write commands:register settings:read,write ui:menu events:listen schedule:register", fmt.Sprintf(`
			api.registerSettings({ n: { type: "number", default: 0 } });
			api.onSettingsChange(s => events.emit("changed", s.n));
			events.on("plugin:plug%d:changed", n => storage.increment("heard"));
			api.registerCommand({ name: "c%d", handler: async () => { await say("command"); } });
			api.addMenuItem({ id: "i", label: "I", onClick: () => storage.update("clicks", (n: any) => (n ?? 0) + 1).catch(() => {}) });
			api.interceptMessage(m => m.content === "crash" ? undefined : { metadata: { plug%d: 1 } });
			api.onMessage(async (m) => {
				if (m.content === "crash") for (const x of { [Symbol.iterator]: () => ({}) } as any) {}
				await storage.set("last", m.content);
				setTimeout(() => events.emit("late"), 1);
				await say(m.content).catch(() => {});
			});
			api.schedule("tick", { every: "1h" }, () => {});
			this.stop = async () => { await storage.set("stopped", true); };
			await say("hello"); events.emit("ready");
		`, (i+1)%plugins, i, i)).folder(t, t.TempDir()))
	}
	expected := func(err error) bool {
		var rejected *innkeeper.RejectedError
		var timedOut *innkeeper.PluginError
		return err == nil || errors.Is(err, innkeeper.ErrLoaded) || errors.Is(err, innkeeper.ErrUnknownPlugin) || errors.Is(err, innkeeper.ErrNotActive) ||
			errors.As(err, &rejected) || errors.As(err, &timedOut)
	}
	ctx := limited(t)
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(worker)))
			for n := range 60 {
				i := random.IntN(plugins)
				name := fmt.Sprintf("plug%d", i)
				var err error
				switch what := random.IntN(12); what {
				case 0, 1:
					err = h.Load(ctx, dirs[i])
				case 2:
					err = h.Unload(ctx, name, innkeeper.UnloadOptions{WithDependents: true})
				case 3, 4:
					err = h.Reload(ctx, name)
				case 5:
					if err = h.Disable(ctx, name); err == nil {
						err = h.Enable(ctx, name)
					}
				case 6:
					_ = h.SetSettings(ctx, name, map[string]any{"n": n}) // it may be going just now
				case 7:
					_ = h.Click(ctx, name, "i", person("lobby", "").Author, "lobby")
				case 8:
					_, _ = h.Receive(ctx, person("lobby", fmt.Sprintf("/c%d", i)))
				case 9:
					_, _ = h.Receive(ctx, person("lobby", "crash"))
				default:
					_, err = h.Receive(ctx, person("lobby", fmt.Sprint(n)))
				}
				if !expected(err) {
					t.Errorf("%v", err)
				}
				h.Plugins()
				h.Contributions()
			}
		})
	}
	all.Wait()
	h.settle()
	for _, p := range h.Plugins() {
		if p.State != innkeeper.StateActive && p.State != innkeeper.StateDisabled && p.State != innkeeper.StateError {
			t.Errorf("%s is %s: %s", p.Name, p.State, p.Reason)
		}
	}
}

func TestCloseInTheMiddleOfEverything(t *testing.T) {
	for range 10 {
		h := open(t)
		dir := plugin("plug", "messages:read,send storage:read,write", `
			api.onMessage(async (m) => { await storage.set("k", m); await say("x"); });
			await storage.get("k");`).folder(t, t.TempDir())
		if err := h.Load(limited(t), dir); err != nil {
			t.Fatal(err)
		}
		begun := make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			for i := range 100 {
				if i == 10 {
					close(begun)
				}
				_, _ = h.Receive(limited(t), person("lobby", "x"))
			}
		})
		all.Go(func() {
			for range 20 {
				_ = h.Reload(limited(t), "plug")
			}
		})
		all.Go(func() {
			for i := range 20 {
				_ = h.LoadPackage(limited(t), plugin(fmt.Sprintf("more%d", i), "", `await null;`).pkg(t))
			}
		})
		<-begun
		h.close()
		all.Wait()
		h.settle()
	}
}
