package innkeeper_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// guarded is every member that a permission guards: what is called, and what a
// plugin needs for it. atOnce says that the refusal is thrown, not a rejection.
var guarded = []struct {
	member, needs, call string
	atOnce              bool
}{
	{"onMessage", "messages:read", `api.onMessage(() => {})`, true},
	{"events.on message", "messages:read", `events.on("message", () => {})`, true},
	{"events.once message", "messages:read", `events.once("message", () => {})`, true},
	{"events.on message:edited", "messages:read", `events.on("message:edited", () => {})`, true},
	{"events.on message:deleted", "messages:read", `events.on("message:deleted", () => {})`, true},
	{"sendMessage", "messages:send", `api.sendMessage({ channel: "c", content: "x" })`, false},
	{"interceptMessage", "messages:read messages:intercept", `api.interceptMessage(() => {})`, true},
	{"storage.get", "storage:read", `storage.get("k")`, false},
	{"storage.getMany", "storage:read", `storage.getMany(["k"])`, false},
	{"storage.has", "storage:read", `storage.has("k")`, false},
	{"storage.keys", "storage:read", `storage.keys()`, false},
	{"storage.entries", "storage:read", `storage.entries()`, false},
	{"storage.usage", "storage:read", `storage.usage()`, false},
	{"storage.set", "storage:write", `storage.set("k", 1)`, false},
	{"storage.setMany", "storage:write", `storage.setMany({ k: 1 })`, false},
	{"storage.delete", "storage:write", `storage.delete("k")`, false},
	{"storage.clear", "storage:write", `storage.clear()`, false},
	{"storage.increment", "storage:read storage:write", `storage.increment("n")`, false},
	{"storage.update", "storage:read storage:write", `storage.update("k", () => 1)`, false},
	{"getStorage().set", "storage:write", `api.getStorage().set("k", 1)`, false},
	{"events.on plugin event", "events:listen", `events.on("plugin:other:x", () => {})`, true},
	{"events.once plugin event", "events:listen", `events.once("plugin:other:x", () => {})`, true},
	{"events.on plugin:loaded", "events:listen", `events.on("plugin:loaded", () => {})`, true},
	{"events.on plugin:unloaded", "events:listen", `events.on("plugin:unloaded", () => {})`, true},
	{"registerComponent", "ui:components", `api.registerComponent({ name: "C", position: "top", component: () => null })`, true},
	{"addMenuItem", "ui:menu", `api.addMenuItem({ id: "i", label: "I", onClick() {} })`, true},
	{"registerSettings", "settings:read", `api.registerSettings({ a: { type: "boolean" } })`, true},
	{"getSettings", "settings:read", `api.getSettings()`, true},
	{"onSettingsChange", "settings:read", `api.onSettingsChange(() => {})`, true},
	{"setSettings", "settings:write", `api.setSettings({ a: true })`, false},
	{"registerCommand", "commands:register", `api.registerCommand({ name: "go", handler() {} })`, true},
	{"schedule", "schedule:register", `api.schedule("j", { every: "1h" }, () => {})`, true},
}

// free needs no permission.
var free = []string{
	`api.emit("x", 1)`, `api.on("x", () => {})`, `events.on("x", () => {})`, `events.once("x", () => {})`, `events.emit("x", 1)`, `events.off("x", () => {})`,
	`events.on("settings:changed", () => {})`, `events.on("plugin:probe:x", () => {})`, `api.getStorage()`, `context.plugin.name`, `context.log.info("x")`,
}

const probe = `
	const call = (f) => { try { const v = f(); if (v && typeof v.then === "function") return v.then(() => "did it", e => "rejected " + e.name + ": " + e.message); return "did it"; } catch (e) { return "threw " + e.name + ": " + e.message; } };
`

// comesTo is what one call comes to in a plugin with these permissions.
func comesTo(t *testing.T, permissions, call string) string {
	t.Helper()
	h := open(t)
	byResource := map[string][]string{}
	for _, p := range strings.Fields(permissions) {
		resource, action, _ := strings.Cut(p, ":")
		byResource[resource] = append(byResource[resource], action)
	}
	var list []string
	for resource, actions := range byResource {
		list = append(list, resource+":"+strings.Join(actions, ","))
	}
	h.load(plugin("probe", strings.Join(list, " "), probe+`log(await call(() => `+call+`));`))
	lines := h.lines("probe")
	if len(lines) == 0 {
		t.Fatalf("no answer; incidents %q", h.incidents("probe"))
	}
	return lines[len(lines)-1]
}

func TestEveryMemberWithAndWithoutItsPermission(t *testing.T) {
	for _, m := range guarded {
		t.Run(m.member, func(t *testing.T) {
			needs := strings.Fields(m.needs)
			for i, missing := range needs {
				others := append(append([]string(nil), needs[:i]...), needs[i+1:]...)
				got := comesTo(t, strings.Join(others, " "), m.call)
				want := "rejected PermissionError: Permission denied: " + missing
				if m.atOnce {
					want = "threw PermissionError: Permission denied: " + missing
				}
				same(t, "without "+missing, got, want)
			}
			permissions := m.needs
			call := m.call
			if m.member == "setSettings" { // a schema comes first, and needs another one
				permissions += " settings:read"
				call = `(api.registerSettings({ a: { type: "boolean" } }), ` + call + `)`
			}
			same(t, "with "+m.needs, comesTo(t, permissions, call), "did it")
		})
	}
}

func TestWhatNeedsNoPermission(t *testing.T) {
	for _, call := range free {
		same(t, call, comesTo(t, "", call), "did it")
	}
}

func TestAppNeedsItsPermission(t *testing.T) {
	same(t, "without", comesTo(t, "", `context.app`), "threw TypeError: Access to app is not allowed")
	same(t, "with", comesTo(t, "app:read", `{ if (context.app.name !== "testchat") throw new Error("no"); }`), "did it")
}

// Every permission that can be used now guards something, or is tested by name.
func TestNoPermissionIsForgotten(t *testing.T) {
	tested := map[string]bool{"app:read": true}
	for _, m := range guarded {
		for _, p := range strings.Fields(m.needs) {
			tested[p] = true
		}
	}
	for _, a := range packaging.Abilities() {
		if name := a.Resource + ":" + a.Action; !a.Later && !tested[name] {
			t.Errorf("%s guards nothing that is tested", name)
		}
	}
}

func TestWhatIsNotBuiltYetSaysSo(t *testing.T) {
	for call, name := range map[string]string{
		`api.streamMessage({})`: "streamMessage", `api.updateMessage("1", {})`: "updateMessage", `api.getUser("u")`: "getUser", `api.history({})`: "history",
		`api.ask({})`: "ask", `api.registerTool({})`: "registerTool", `api.complete([])`: "complete", `api.route("GET", "/")`: "route", `api.expose("f", () => 1)`: "expose", `api.call("p", "f", [])`: "call",
	} {
		got := comesTo(t, "", `(api as any).`+strings.TrimPrefix(call, "api."))
		holds(t, call, got, "NotSupportedError: context.api."+name)
	}
}

func TestTheZeroPolicyGrantsNothing(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) { o.Policy = innkeeper.Policy{} })
	h.load(plugin("modest", "", `log("runs");`))
	err := h.LoadPackage(limited(t), plugin("wants", "messages:read,send storage:read", ``).pkg(t))
	var denied *innkeeper.PermissionError
	if !errors.As(err, &denied) {
		t.Fatalf("load: %v", err)
	}
	holds(t, "error", err.Error(), "load wants: Permission denied: messages:read, messages:send, storage:read")
	if _, ok := h.Plugin("wants"); ok {
		t.Error("a refused plugin is known")
	}
}

func TestAPolicyGrantsByListAndDeniesByList(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) {
		o.Policy = innkeeper.Policy{
			Grant: map[string][]string{"one": {"messages:*"}, "*": {"storage:read"}},
			Deny:  []string{"messages:send"},
		}
	})
	h.load(plugin("one", "", probe+`log(await call(() => say("x")), await call(() => storage.get("k")));`).narrowed(
		map[string]any{"resource": "messages", "actions": []string{"read", "send"}, "optional": true},
		map[string]any{"resource": "storage", "actions": []string{"read", "write"}, "optional": true}))
	info, _ := h.Plugin("one")
	same(t, "granted", info.Grants, []string{"messages:read", "storage:read"})
	same(t, "refused", info.Refused, []string{"messages:send", "storage:write"})
	same(t, "lines", h.lines("one"), []string{"rejected PermissionError: Permission denied: messages:send did it"})
	for name, permission := range map[string]string{"two": "messages:read", "one-b": "messages:read", "three": "messages:send"} {
		if err := h.LoadPackage(limited(t), plugin(name, permission, ``).pkg(t)); err == nil {
			t.Errorf("%s got %s", name, permission)
		}
	}
}

func TestWhatTheServerDoesNotProvideIsRefusedUnlessOptional(t *testing.T) {
	h := open(t)
	wants := func(optional bool) *packaging.Package {
		return plugin("wants", "", ``).narrowed(map[string]any{"resource": "provided:weather", "actions": []string{"ask"}, "optional": optional}).pkg(t)
	}
	if err := h.LoadPackage(limited(t), wants(false)); err == nil {
		t.Error("it was granted")
	}
	if err := h.LoadPackage(limited(t), wants(true)); err != nil {
		t.Error(err)
	}
}

func TestAPolicyThatNamesNothingIsRefused(t *testing.T) {
	for word, hint := range map[string]string{
		"mesages:read": `did you mean "messages"`, "messages:sned": `did you mean "send"`, "messages": "RESOURCE:ACTION", "mesages:*": "no resource",
	} {
		for where, policy := range map[string]innkeeper.Policy{"Deny": {Deny: []string{word}}, "Grant": {Grant: map[string][]string{"*": {word}}}} {
			_, err := innkeeper.New(innkeeper.Options{App: &server{}, Dir: t.TempDir(), Policy: policy})
			if err == nil || !strings.Contains(err.Error(), hint) {
				t.Errorf("%s %q: %v; wanted an error with %q", where, word, err, hint)
			}
		}
	}
}
