package innkeeper_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/internal/clock"
)

// The ways in which a plugin may answer a message.
var answers = map[string]string{
	"at once":                 `api.onMessage(m => { answer(m); }, { plugins: true });`,
	"after an await":          `api.onMessage(async (m) => { await null; await Promise.all([1, Promise.resolve()]); await answer(m); }, { plugins: true });`,
	"from a timer":            `api.onMessage(m => { setTimeout(() => answer(m), 1); }, { plugins: true });`,
	"from a timer of a timer": `api.onMessage(m => { setTimeout(async () => { await null; setTimeout(() => answer(m)); }); }, { plugins: true });`,
	"from a queue that an interval of initialize empties": `
		const queue = []; setInterval(() => { for (const m of queue.splice(0)) answer(m); }, 1);
		api.onMessage(m => { queue.push(m); }, { plugins: true });`,
	"by way of an event": `
		events.on("got", m => answer(m));
		api.onMessage(m => { events.emit("got", m); }, { plugins: true });`,
	"by way of storage": `api.onMessage(async (m) => { await storage.set(m.id, m); await answer(await storage.get(m.id)); }, { plugins: true });`,
	"by way of settings": `
		api.registerSettings({ last: { type: "text" } });
		api.onSettingsChange((s) => answer({ content: s.last }));
		api.onMessage(m => { api.setSettings({ last: m.content }); }, { plugins: true });`,
}

func TestPluginsThatAnswerEachOtherStopAtTheHopLimit(t *testing.T) {
	for name, code := range answers {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			for _, n := range []string{"ping", "pong"} {
				h.load(plugin(n, "messages:read,send storage:read,write settings:read,write", `
					const answer = (m) => api.sendMessage({ channel: "lobby", content: m.content + "." }).catch(e => log(e.name, e.message));
					`+code))
			}
			h.say("x")
			// An interval does not keep a host busy: the refusal is what to wait for.
			h.book.await(t, "the refusal", func() bool {
				return slices.ContainsFunc(h.book.events, func(e innkeeper.Event) bool {
					return e.Type == innkeeper.EventError && strings.Contains(e.Err.Error(), "LoopError")
				})
			})
			h.settle()
			sent := h.app.texts()
			// Events count too; and a change of settings may be told when the next
			// one is there to be read, so that the text runs ahead of the chain.
			if name != "by way of an event" && name != "by way of settings" {
				if longest := sent[len(sent)-1]; len(longest) > len("x")+8 {
					t.Errorf("the chain went on to %q: %q", longest, sent)
				}
			}
			if len(sent) > 16 {
				t.Errorf("%d messages came of one: %q", len(sent), sent)
			}
			incidents := append(h.incidents("ping"), h.incidents("pong")...)
			if len(incidents) == 0 {
				t.Fatal("nobody was told")
			}
			holds(t, "the reason", incidents[0], "8 plugins already answered each other; the chain ends here")
		})
	}
}

func TestEventsThatAnswerEachOtherStopAtTheHopLimit(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) { o.Limits.Hops = 3 })
	h.load(
		plugin("ping", "events:listen", `events.on("plugin:pong:x", n => { log(n); events.emit("x", n + 1).catch(e => log(e.name)); });`),
		plugin("pong", "events:listen messages:read", `
			events.on("plugin:ping:x", async (n) => { await null; setTimeout(() => events.emit("x", n + 1).catch(e => log(e.name))); });
			api.onMessage(() => events.emit("x", 0));`),
	)
	h.say("go")
	same(t, "ping", h.lines("ping"), []string{"0", "2", "LoopError"})
	same(t, "pong", h.lines("pong"), []string{})
}

func TestAPluginThatAnswersItselfByEventsStops(t *testing.T) {
	h := open(t)
	h.load(plugin("self", "messages:read", `
		events.on("x", n => { log(n); return events.emit("x", n + 1); });
		api.onMessage(() => events.emit("x", 1));`))
	h.say("go")
	same(t, "lines", fmt.Sprint(h.lines("self")), "[1 2 3 4 5 6 7 8]")
}

func TestTheHopLimitDoesNotSilenceWhatComesLater(t *testing.T) {
	c := clock.NewFake(noon)
	h := open(t, fake(c))
	h.load(
		plugin("ticker", "messages:read,send", `
			setInterval(() => say("tick"), 61_000);
			api.onMessage(m => { if (m.content.startsWith("loop")) return say("loop").catch(() => log("refused")); }, { plugins: true });`),
		plugin("echo", "messages:read,send", `api.onMessage(m => { if (m.content.startsWith("loop")) return say("loop").catch(() => log("refused")); }, { plugins: true });`),
	)
	h.say("loop")
	if len(h.lines("ticker"))+len(h.lines("echo")) == 0 {
		t.Fatal("no loop was stopped")
	}
	h.say("hello")
	// The interval is set for the fake clock by then: initialize is long over.
	c.Advance(62_000_000_000)
	h.app.await(t, saying("tick"))
}
