package innkeeper_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
)

// failClosed lets a plugin reject messages that it cannot check.
var failClosed = []map[string]any{{"resource": "messages", "actions": []string{"read", "intercept", "send"}, "failClosed": true}}

func TestInterceptorsRunByPriorityThenByLoading(t *testing.T) {
	h := open(t)
	add := func(name string, priority string) files {
		return plugin(name, "messages:read,intercept", `api.interceptMessage(m => ({ ...m, content: m.content + " `+name+`" })`+priority+`);`)
	}
	h.load(add("one", ""), add("two", ", { priority: 10 }"), add("three", ""), add("four", ", { priority: -1.5 }"), add("five", ", { priority: 10 }"))
	same(t, "content", h.say("x").Message.Content, "x two five one three four")
}

func TestInterceptorsSeeTheMessageBeforeItHasAnID(t *testing.T) {
	h := open(t)
	h.load(plugin("look", "messages:read,intercept", `api.interceptMessage(m => { log(m.id === "", m.content, m.channel); });`))
	h.say("x")
	same(t, "lines", h.lines("look"), []string{"true x lobby"})
}

func TestAnInterceptorChangesContentAndItsOwnMetadataOnly(t *testing.T) {
	h := open(t)
	h.load(plugin("forger", "messages:read,intercept", `
		api.interceptMessage(m => ({ ...m, id: "1", channel: "elsewhere", thread: "t", replyTo: "r", role: "system", author: { id: "root", name: "Root" },
			createdAt: "1999-01-01T00:00:00.000Z", content: "changed",
			metadata: { plugin: "admin", forger: { mine: true }, other: "overwritten", new: 1, neighbour: "taken" } }));
	`))
	m := person("lobby", "x")
	m.CreatedAt = noon
	m.Metadata = map[string]any{"other": "kept", "dropped": "kept too"}
	out, err := h.Intercept(limited(t), m)
	if err != nil {
		t.Fatal(err)
	}
	want := m
	want.Content = "changed"
	want.Metadata = map[string]any{"other": "kept", "dropped": "kept too", "forger": map[string]any{"mine": true}, "new": 1, "neighbour": "taken"}
	same(t, "message", out, want)
	same(t, "the caller's metadata", m.Metadata, map[string]any{"other": "kept", "dropped": "kept too"})
}

func TestAnInterceptorRejectsDropsOrLeaves(t *testing.T) {
	h := open(t)
	h.load(plugin("guard", "messages:read,intercept", `
		api.interceptMessage(async (m) => {
			switch (m.content) {
				case "reject": return { reject: "not \u202ehere" };
				case "empty": return { reject: "" };
				case "drop": return null;
				case "part": return { metadata: { guard: 1 } };
				case "nothing": return {};
				case "number": return 5;
				case "content": return { content: 5 };
				case "throw": throw new Error("oops");
				case "toString": return { get content() { throw new Error("getter"); } };
				case "never": return { reject: { toString() { return "x"; } } };
			}
		});
	`))
	for _, c := range []struct{ text, failure, reported string }{
		{"reject", `message rejected by guard: not \u202ehere`, ""},
		{"empty", "message rejected by guard: ", ""},
		{"drop", "the message was dropped by a plugin: guard", ""},
		{"part", "", ""}, {"nothing", "", ""}, {"leave", "", ""},
		{"number", "", "TypeError: an interceptor's result: wanted an object"},
		{"content", "", "TypeError: content: wanted a string"},
		{"throw", "", "oops"},
		{"toString", "", "getter"},
		{"never", "", "TypeError: reject: wanted a string"},
	} {
		before := len(h.incidents("guard"))
		_, err := h.Receive(limited(t), person("lobby", c.text))
		h.settle()
		switch {
		case c.failure == "" && err != nil:
			t.Errorf("%s: %v", c.text, err)
		case c.failure != "" && (err == nil || err.Error() != c.failure):
			t.Errorf("%s: %v, want %s", c.text, err, c.failure)
		}
		var rejected *innkeeper.RejectedError
		if c.failure != "" && errors.As(err, &rejected) == errors.Is(err, innkeeper.ErrDropped) {
			t.Errorf("%s: the error is of no one kind: %#v", c.text, err)
		}
		reports := h.incidents("guard")[before:]
		if c.reported == "" && len(reports) > 0 || c.reported != "" && (len(reports) != 1 || reports[0] != "guard: intercept: "+c.reported) {
			t.Errorf("%s: reported %q, want %q", c.text, reports, c.reported)
		}
	}
}

func TestLateInterceptorsArePassedOver(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) { o.Limits.Intercept = 20 * time.Millisecond })
	h.load(
		plugin("never", "messages:read,intercept", `api.interceptMessage(() => new Promise(() => {}), { priority: 2 });`),
		plugin("good", "messages:read,intercept", `api.interceptMessage(m => ({ content: m.content + "!" }));`),
	)
	same(t, "content", h.say("x").Message.Content, "x!")
	if got := h.incidents("never"); len(got) != 1 {
		t.Errorf("incidents %q", got)
	}
}

func TestTheWholeChainHasALimitOfItsOwn(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) {
		o.Limits.Intercept = time.Second
		o.Limits.Chain = 20 * time.Millisecond
	})
	h.load(
		plugin("never", "messages:read,intercept", `api.interceptMessage(() => new Promise(() => {}), { priority: 2 });`),
		plugin("after", "messages:read,intercept", `api.interceptMessage(m => ({ content: "too late" }));`),
	)
	r, err := h.Receive(limited(t), person("lobby", "x"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "content", r.Message.Content, "x")

	h.load(plugin("strict", "", `api.interceptMessage(m => m, { onFailure: "reject" });`).narrowed(failClosed...))
	_, err = h.Receive(limited(t), person("lobby", "x"))
	var rejected *innkeeper.RejectedError
	if !errors.As(err, &rejected) || rejected.Plugin != "strict" {
		t.Errorf("receive: %v", err)
	}
}

func TestRejectOnFailureNeedsItsGrant(t *testing.T) {
	h := open(t)
	err := h.LoadPackage(limited(t), plugin("strict", "messages:read,intercept", `api.interceptMessage(m => m, { onFailure: "reject" });`).pkg(t))
	var denied *innkeeper.PluginError
	if !errors.As(err, &denied) || denied.Name != "PermissionError" || denied.Message != "Permission denied: messages:intercept with failClosed" {
		t.Fatalf("load: %v", err)
	}
	err = h.LoadPackage(limited(t), plugin("wrong", "messages:read,intercept", `api.interceptMessage(m => m, { onFailure: "explode" });`).pkg(t))
	if !errors.As(err, &denied) || denied.Name != "TypeError" {
		t.Fatalf("load: %v", err)
	}
}

func TestWhoMustCheckRejectsInItsAbsence(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) {
		o.Limits.Running = 500 * time.Millisecond
		o.Limits.Restarts = 2
	})
	dir := t.TempDir()
	strict := func(init string) string {
		return plugin("strict", "", `
			api.interceptMessage((m) => { if (m.content === "throw") throw new Error("x"); if (m.content === "spin") for (;;) {} }, { onFailure: "reject" });
			`+init).narrowed(failClosed...).folder(t, dir)
	}
	if err := h.Load(limited(t), strict("")); err != nil {
		t.Fatal(err)
	}
	rejects := func(when, text string) {
		t.Helper()
		var rejected *innkeeper.RejectedError
		if _, err := h.Receive(limited(t), person("lobby", text)); !errors.As(err, &rejected) || rejected.Plugin != "strict" {
			t.Errorf("%s: %v", when, err)
		}
	}
	takes := func(when string) {
		t.Helper()
		if _, err := h.Receive(limited(t), person("lobby", "fine")); err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
	takes("active")
	rejects("it threw", "throw")
	rejects("it ran too long", "spin")
	h.awaitState("strict", innkeeper.StateActive, 2)
	takes("restarted")
	rejects("it ran too long again", "spin")
	h.awaitState("strict", innkeeper.StateError, 1)
	rejects("in error", "fine")

	// A reload keeps checking: there is no moment without.
	if err := h.Reload(limited(t), "strict"); err != nil {
		t.Fatal(err)
	}
	takes("reloaded")
	strict(`throw new Error("new version is broken")`)
	if err := h.Reload(limited(t), "strict"); err == nil {
		t.Fatal("a broken version was taken")
	}
	takes("the old version stays")
	rejects("the old version stays", "throw")

	if err := h.Disable(limited(t), "strict"); err != nil {
		t.Fatal(err)
	}
	takes("disabled")
}

func TestAnInterceptorRegisteredLaterRejectsInItsAbsenceToo(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) {
		o.Limits.Running = 500 * time.Millisecond
		o.Limits.Restarts = 1
	})
	h.load(plugin("strict", "", `
		api.onMessage((m) => { if (m.content === "spin") for (;;) {} api.interceptMessage(() => {}, { onFailure: "reject" }); });
	`).narrowed(failClosed...))
	h.say("register")
	h.say("spin")
	h.awaitState("strict", innkeeper.StateError, 1)
	if _, err := h.Receive(limited(t), person("lobby", "x")); err == nil {
		t.Error("a message passed that nobody checked")
	}
}

func TestPluginsMessagesAreInterceptedTooButNeverTheirOwn(t *testing.T) {
	h := open(t)
	h.load(
		plugin("guard", "messages:read,send,intercept", `
			api.interceptMessage(m => { log(m.author.id, m.content, m.metadata.plugin); if (m.content === "bad") return { reject: "bad word" }; return { content: m.content + "*" }; });
			api.onMessage(() => say("guard's own"));`),
		plugin("mouth", "messages:read,send", `
			api.onMessage(async (m) => { log((await say("good")).content); await say("bad").catch(e => log(e.name, e.message)); });`),
	)
	h.say("x")
	same(t, "mouth", h.lines("mouth"), []string{"good*", "RejectedError message rejected by guard: bad word"})
	same(t, "accepted", fmt.Sprint(len(h.app.messages())), "3")
	for _, m := range h.app.messages() {
		if m.Content == "bad" || m.Content == "guard's own*" {
			t.Errorf("accepted %q", m.Content)
		}
	}
}

func TestEveryInterceptorIsAskedOnceAlsoAfterOneWasDisposedOf(t *testing.T) {
	h := open(t)
	h.load(plugin("many", "messages:read,intercept", `
		const add = (n) => api.interceptMessage(m => ({ content: m.content + n }));
		const a = add("a"); add("b"); a.dispose(); add("c");
	`))
	same(t, "content", h.say("x").Message.Content, "xbc")
}

func TestRejectedMessagesAreTold(t *testing.T) {
	h := open(t)
	h.load(plugin("guard", "messages:read,intercept", `api.interceptMessage(() => ({ reject: "no" }));`))
	if _, err := h.Receive(limited(t), person("lobby", "x")); err == nil {
		t.Fatal("accepted")
	}
	h.book.await(t, "the event", func() bool {
		for _, e := range h.book.events {
			if e.Type == innkeeper.EventRejected && e.Plugin == "" && e.Message.Content == "x" && e.Err != nil {
				return true
			}
		}
		return false
	})
	same(t, "stored", h.app.messages(), []chat.Message(nil))
}
