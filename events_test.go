package innkeeper_test

import (
	"slices"
	"testing"

	"github.com/innkeeper-host/innkeeper"
)

func TestEventsReachThoseWhoListenWithTheirSource(t *testing.T) {
	h := open(t)
	h.load(
		plugin("teller", "messages:read", `
			api.onMessage(async () => {
				await events.emit("news", { a: [1, null, "é"] });
				await api.emit("news", 2);
				await events.emit("plugin:teller:news");
			});
			api.on("news", (data, info) => log("own", data, info));`),
		plugin("ear", "events:listen", `
			events.on("plugin:teller:news", (data, info) => log("on", data, info));
			events.once("plugin:teller:news", (data) => log("once", data));
			const gone = (data) => log("never");
			events.on("plugin:teller:news", gone);
			events.off("plugin:teller:news", gone);`),
		plugin("other", "events:listen", `events.on("plugin:someone:news", () => log("never")); events.on("plugin:teller:new", () => log("never"));`),
	)
	h.say("go")
	info := `{"name":"plugin:teller:news","source":"plugin:teller"}`
	same(t, "own", h.lines("teller"), []string{`own {"a":[1,null,"é"]} ` + info, "own 2 " + info, "own undefined " + info})
	same(t, "ear", h.lines("ear"), []string{`on {"a":[1,null,"é"]} ` + info, `once {"a":[1,null,"é"]}`, "on 2 " + info, "on undefined " + info})
	same(t, "other", h.lines("other"), []string{})
}

func TestAPluginEmitsOnlyItsOwnEvents(t *testing.T) {
	h := open(t)
	h.load(plugin("ear", "events:listen messages:read", `events.on("plugin:liar:x", (d, i) => log(i.source)); api.onMessage(m => log(m.content)); events.on("plugin:loaded", (d) => log(d.plugin));`))
	h.load(plugin("liar", "", logTries+`
		for (const name of ["plugin:ear:x", "message", "plugin:loaded", "plugin:liar:", "settings:changed", "a:b", "x".repeat(300), "plugin:liar:x"])
			await attempt(name.slice(0, 20), () => events.emit(name, { source: "plugin:ear", content: "forged", plugin: "forged" }));
		await attempt("not text", () => (events as any).emit(5));
		await attempt("cycle", () => { const a: any = {}; a.a = a; return events.emit("x", a); });
	`))
	refused := func(name string) string {
		return `TypeError: emit "` + name + `": a plugin emits only its own events, plugin:liar:EVENT`
	}
	long := "plugin:liar:"
	for range 300 {
		long += "x"
	}
	same(t, "liar", h.lines("liar"), []string{
		"plugin:ear:x = " + refused("plugin:ear:x"), "message = " + refused("message"), "plugin:loaded = " + refused("plugin:loaded"),
		"plugin:liar: = " + refused("plugin:liar:"), "settings:changed = " + refused("settings:changed"), "a:b = " + refused("a:b"),
		"xxxxxxxxxxxxxxxxxxxx = " + refused(long), "plugin:liar:x = undefined",
		"not text = TypeError: event: wanted a string",
		"cycle = TypeError: value is nested past 64 levels, or contains itself",
	})
	heard := h.lines("ear")
	slices.Sort(heard) // coming and telling go their own ways
	same(t, "ear", heard, []string{"ear", "liar", "plugin:liar"})
}

func TestListeningToWhatDoesNotExistThrowsAtOnce(t *testing.T) {
	h := open(t)
	h.load(plugin("ear", "events:listen messages:read", logTries+`
		const on = (name) => attempt(name, () => typeof events.on(name, () => {}).dispose);
		for (const name of ["message", "message:edited", "member:joined", "plugin:loaded", "plugin:unloaded", "settings:changed", "nope:x", "plugin:", "own"]) await on(name);
		await attempt("no handler", () => (events as any).on("own"));
	`))
	same(t, "lines", h.lines("ear"), []string{
		"message = function", "message:edited = function",
		"member:joined = NotSupportedError: the event member:joined is not offered by this version",
		"plugin:loaded = function", "plugin:unloaded = function", "settings:changed = function",
		`nope:x = TypeError: there is no event "nope:x"`, `plugin: = TypeError: there is no event "plugin:"`,
		"own = function", "no handler = TypeError: on takes a function",
	})
}

func TestComingAndGoingIsTold(t *testing.T) {
	h := open(t)
	h.load(plugin("ear", "events:listen", `
		events.on("plugin:loaded", (d, i) => log("loaded", d.plugin, i.source));
		events.on("plugin:unloaded", (d, i) => log("unloaded", d.plugin, i.source));`))
	h.load(plugin("guest", "", ``))
	if err := h.Unload(limited(t), "guest", innkeeper.UnloadOptions{}); err != nil {
		t.Fatal(err)
	}
	h.settle()
	same(t, "lines", h.lines("ear"), []string{"loaded ear host", "loaded guest host", "unloaded guest host"})
}

func TestListenersEndWithTheirGeneration(t *testing.T) {
	h := open(t)
	dir := t.TempDir()
	version := func(n string) string {
		return plugin("ear", "events:listen messages:read", `
			events.on("plugin:teller:x", () => log("`+n+`"));
			api.onMessage(() => log("message `+n+`"));`).folder(t, dir)
	}
	if err := h.Load(limited(t), version("one")); err != nil {
		t.Fatal(err)
	}
	h.load(plugin("teller", "messages:read", `api.onMessage(() => events.emit("x"));`))
	h.say("a")
	version("two")
	if err := h.Reload(limited(t), "ear"); err != nil {
		t.Fatal(err)
	}
	h.say("b")
	if err := h.Disable(limited(t), "ear"); err != nil {
		t.Fatal(err)
	}
	h.say("c")
	same(t, "lines", h.lines("ear"), []string{"message one", "one", "message two", "two"})
}

func TestAHandlerThatThrowsHurtsNobody(t *testing.T) {
	h := open(t)
	h.load(
		plugin("thrower", "events:listen", `
			events.on("plugin:teller:x", () => { throw new TypeError("sync"); });
			events.on("plugin:teller:x", async () => { await null; throw new Error("async"); });
			events.on("plugin:teller:x", () => { Promise.reject(new Error("floating")); });
			events.on("plugin:teller:x", () => log("still here"));`),
		plugin("teller", "messages:read", `api.onMessage(() => events.emit("x"));`))
	h.say("go")
	h.say("again")
	same(t, "lines", h.lines("thrower"), []string{"still here", "still here"})
	// A rejection that floats is told at the end of its job, after the call.
	h.book.await(t, "six incidents", func() bool {
		n := 0
		for _, e := range h.book.events {
			if e.Type == innkeeper.EventError && e.Plugin == "thrower" {
				n++
			}
		}
		return n == 6
	})
	if h.state("thrower") != innkeeper.StateActive {
		t.Errorf("state %s", h.state("thrower"))
	}
}
