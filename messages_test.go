package innkeeper_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/internal/clock"
)

// fake makes a host's time stand still.
func fake(c *clock.Fake) func(*innkeeper.Options) {
	return func(o *innkeeper.Options) { o.Clock = c }
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func TestMessagesArriveInOrderAndWhole(t *testing.T) {
	h := open(t)
	h.load(plugin("ear", "messages:read", `
		api.onMessage((m) => log(m));
	`))
	m := person("lobby", "one")
	m.ReplyTo, m.Thread = "m0", "t1"
	m.Metadata = map[string]any{"a": []any{1.5, "x", nil, map[string]any{"__proto__": true}}}
	m.CreatedAt = noon
	m.EditedAt = noon.Add(time.Second)
	if _, err := h.Receive(limited(t), m); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		h.say(fmt.Sprint(i))
	}
	lines := h.lines("ear")
	if len(lines) != 21 {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	same(t, "message", lines[0], `{"id":"m1","channel":"lobby","role":"user","author":{"id":"u1","name":"Ann"},"content":"one","metadata":{"a":[1.5,"x",null,{"__proto__":true}]},"createdAt":"2026-11-25T12:00:00.000Z","thread":"t1","replyTo":"m0","editedAt":"2026-11-25T12:00:01.000Z"}`)
	for i, line := range lines[1:] {
		holds(t, "order", line, fmt.Sprintf(`"content":"%d"`, i))
	}
}

func TestHandlersThatWaitDoNotHoldUpOthers(t *testing.T) {
	h := open(t)
	h.load(plugin("ear", "messages:read", `
		let release;
		const gate = new Promise(r => release = r);
		api.onMessage(async (m) => {
			log("start", m.content);
			if (m.content === "2") release(0); else await gate;
			log("end", m.content);
		});
	`))
	for _, text := range []string{"0", "1", "2"} {
		if _, err := h.Receive(limited(t), person("lobby", text)); err != nil {
			t.Fatal(err)
		}
	}
	h.settle()
	same(t, "lines", h.lines("ear"), []string{"start 0", "start 1", "start 2", "end 2", "end 0", "end 1"})
}

func TestPluginsNeverHearThemselvesAndOthersOnlyWhenTheyAsk(t *testing.T) {
	h := open(t)
	h.load(
		plugin("mouth", "messages:read,send", `
			api.onMessage(m => { log("mouth", m.content); if (m.author.bot !== true) return say("from mouth"); }, { plugins: true });
			events.on("message", m => log("event", m.content));`),
		plugin("deaf", "messages:read", `api.onMessage(m => log("deaf", m.content));`),
		plugin("curious", "messages:read", `api.onMessage((m) => log("curious", m.content, m.author.id, m.author.bot === true), { plugins: true });`),
	)
	h.say("hi")
	same(t, "mouth", h.lines("mouth"), []string{"mouth hi", "event hi"})
	same(t, "deaf", h.lines("deaf"), []string{"deaf hi"})
	same(t, "curious", h.lines("curious"), []string{"curious hi u1 false", "curious from mouth plugin:mouth true"})
}

func TestAttributionCannotBeForged(t *testing.T) {
	h := open(t)
	h.load(plugin("liar", "messages:read,send", `
		const m: any = await api.sendMessage({ channel: "lobby", content: "x", role: "system", author: { id: "u1", name: "Ann" },
			id: "m99", createdAt: "2000-01-01", metadata: { plugin: "admin", __proto__: { plugin: "x" }, own: 1 } });
		api.onMessage(async () => log(await api.sendMessage({ content: "y", role: "user", metadata: JSON.parse('{"plugin":"admin","__proto__":{"plugin":"z"}}') })));
	`).with("displayName", "The Liar"))
	h.say("go")
	for _, m := range h.app.messages() {
		if m.Content == "go" {
			continue
		}
		if m.Author.ID != "plugin:liar" || m.Author.Name != "The Liar" || !m.Author.Bot || m.Role != chat.RoleAssistant || m.Metadata["plugin"] != "liar" || m.CreatedAt.Year() == 2000 {
			t.Errorf("forged: %+v", m)
		}
	}
	same(t, "sent", h.app.texts(), []string{"x", "y"})
	holds(t, "the accepted message", h.lines("liar")[0], `"id":"m3"`)
	holds(t, "the accepted message", h.lines("liar")[0], `"plugin":"liar"`)
}

func TestRolesAreThoseOfTheGrant(t *testing.T) {
	h := open(t)
	body := `for (const role of ["system", "user", "assistant", "root", undefined]) await api.sendMessage({ channel: "lobby", content: String(role), role } as any);`
	h.load(plugin("some", "", body).narrowed(map[string]any{"resource": "messages", "actions": []string{"send"}, "roles": []string{"system"}}))
	got := map[string]chat.Role{}
	for _, m := range h.app.messages() {
		got[m.Content] = m.Role
	}
	same(t, "roles", got, map[string]chat.Role{"system": "system", "user": "assistant", "assistant": "assistant", "root": "assistant", "undefined": "assistant"})
}

func TestChannelsAreThoseOfTheGrant(t *testing.T) {
	h := open(t)
	h.load(plugin("narrow", "", `
		api.onMessage(async (m) => {
			log("heard", m.channel);
			for (const channel of ["a", "b"]) await api.sendMessage({ channel, content: "to " + channel }).catch(e => log(e.name, e.message));
		});
		api.interceptMessage((m) => { log("checked", m.channel); });
	`).narrowed(
		map[string]any{"resource": "messages", "actions": []string{"read"}, "channels": []string{"a", "b"}},
		map[string]any{"resource": "messages", "actions": []string{"send"}, "channels": []string{"b"}},
		map[string]any{"resource": "messages", "actions": []string{"intercept"}, "channels": []string{"b", "c"}},
	))
	for _, channel := range []string{"a", "b", "c"} {
		if _, err := h.Receive(limited(t), person(channel, "x")); err != nil {
			t.Fatal(err)
		}
		h.settle()
	}
	denied := `PermissionError Permission denied: messages:send in channel "a"`
	same(t, "lines", h.lines("narrow"), []string{"heard a", denied, "checked b", "heard b", denied})
	same(t, "sent", h.app.texts(), []string{"to b", "to b"})
}

func TestAnswersGoWhereTheQuestionWas(t *testing.T) {
	c := clock.NewFake(noon)
	h := open(t, fake(c))
	h.load(plugin("echo", "messages:read,send", `
		api.onMessage(async (m) => {
			await api.sendMessage({ content: "now" });
			await null; await storageless();
			await api.sendMessage({ content: "later" });
			setTimeout(() => api.sendMessage({ content: "timer" }).then(() => log("sent")), 1000);
			log("timer set");
		});
		const storageless = async () => { await Promise.all([1, Promise.resolve(2)]); };
		api.onMessage(async (m) => { await api.sendMessage({ content: "second handler" }); });
		await api.sendMessage({ content: "nowhere" }).catch(e => log(e.name + ": " + e.message));
		await api.sendMessage({ channel: "other", content: "somewhere" });
	`))
	m := person("lobby", "q")
	m.Thread = "t7"
	if _, err := h.Receive(limited(t), m); err != nil {
		t.Fatal(err)
	}
	h.app.await(t, saying("later"))
	h.awaitLine("echo", "timer set")
	c.Advance(time.Second)
	h.app.await(t, saying("timer"))
	h.settle()
	same(t, "lines", h.lines("echo"), []string{"TypeError: sendMessage: channel is required outside of a message's or command's handler", "timer set", "sent"})
	for _, m := range h.app.messages() {
		switch m.Content {
		case "now", "later", "timer", "second handler":
			if m.Channel != "lobby" || m.Thread != "t7" {
				t.Errorf("%s went to %s, thread %q", m.Content, m.Channel, m.Thread)
			}
		case "somewhere":
			if m.Channel != "other" || m.Thread != "" {
				t.Errorf("%s went to %s, thread %q", m.Content, m.Channel, m.Thread)
			}
		}
	}
	if len(h.app.texts()) != 5 {
		t.Errorf("sent %q", h.app.texts())
	}
}

func TestSendsOfInitializeAreHeldUntilTheGenerationIsLive(t *testing.T) {
	h := open(t)
	h.load(plugin("watcher", "messages:read", `api.onMessage(m => log(m.content), { plugins: true });`))
	h.load(plugin("early", "messages:read,send", `
		const m = await api.sendMessage({ channel: "lobby", content: "first" });
		log("id", JSON.stringify(m.id), m.content, m.author.id);
		await api.sendMessage({ channel: "lobby", content: "second" });
		await events.emit("ready", 1);
		events.on("ready", () => log("heard itself"));
	`))
	same(t, "lines", h.lines("early"), []string{`id "" first plugin:early`, "heard itself"})
	same(t, "delivered", h.lines("watcher"), []string{"first", "second"})

	err := h.LoadPackage(limited(t), plugin("broken", "messages:send", `
		await api.sendMessage({ channel: "lobby", content: "never" });
		throw new Error("no");`).pkg(t))
	var thrown *innkeeper.PluginError
	if !errors.As(err, &thrown) || thrown.Message != "no" || thrown.Where != "initialize" {
		t.Fatalf("load: %v", err)
	}
	h.settle()
	same(t, "sent", h.app.texts(), []string{"first", "second"})
}

func TestARefusedHeldSendIsTold(t *testing.T) {
	h := open(t)
	h.app.refuse = func(m chat.Message) error { return errors.New("the chat is full") }
	h.load(plugin("early", "messages:send", `await say("x");`))
	got := h.incidents("early")
	if len(got) != 1 {
		t.Fatalf("incidents %q", got)
	}
	holds(t, "incident", got[0], "the chat is full")
}

func TestARefusedSendRejects(t *testing.T) {
	h := open(t)
	h.load(plugin("mouth", "messages:read,send", `api.onMessage(() => say("x").catch(e => log(e.name, e.message)));`))
	h.app.refuse = func(m chat.Message) error {
		if m.Author.Bot {
			return errors.New("bots may not speak")
		}
		return nil
	}
	h.say("go")
	same(t, "lines", h.lines("mouth"), []string{"Error send message: bots may not speak"})
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	h := open(t)
	h.load(plugin("mouth", "messages:read,send", `
		const a: any = api;
		for (const init of [undefined, null, 1, {}, { content: 1 }, { content: "x", channel: 5 }, { content: "x", metadata: [] },
			{ content: "x", metadata: 1n }, { content: "é".repeat(40000) }, { content: "x", get channel() { throw new Error("mine"); } }])
			await a.sendMessage(typeof init === "object" && init && !("channel" in init) ? { channel: "c", ...init } : init).then(() => log("sent"), e => log(e.name, e.message));
	`))
	same(t, "lines", h.lines("mouth"), []string{
		"TypeError sendMessage: wanted an object", "TypeError sendMessage: wanted an object", "TypeError sendMessage: wanted an object",
		"TypeError content: wanted a string", "TypeError content: wanted a string", "TypeError channel: wanted a string",
		"TypeError metadata: wanted an object", "TypeError a BigInt has no JSON form",
		"RangeError sendMessage: content has 80000 bytes, the limit is 65536", "Error mine",
	})
	if _, err := h.Receive(limited(t), chat.Message{Channel: "c", Role: "boss"}); err == nil {
		t.Error("a role that does not exist was taken")
	}
	if _, err := h.Receive(limited(t), chat.Message{Role: chat.RoleUser}); err == nil {
		t.Error("a message without a channel was taken")
	}
}

func TestDisposedAndOverfullHandlersHearNothing(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) { o.Limits.Work = 2 })
	h.load(plugin("ear", "messages:read", `
		const d = api.onMessage(m => { log("a", m.content); d.dispose(); d.dispose(); });
		api.onMessage(m => log("b", m.content));
	`))
	h.say("1")
	h.say("2")
	same(t, "lines", h.lines("ear"), []string{"a 1", "b 1", "b 2"})
}
