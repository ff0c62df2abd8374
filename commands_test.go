package innkeeper_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper"
)

const remind = `
	api.registerCommand({ name: "remind", description: "Reminds you", options: [
		{ name: "count", type: "integer", required: true },
		{ name: "how", choices: ["loud", "soft"] },
		{ name: "text" },
	], handler: (c) => { log(c); return api.sendMessage({ content: "done" }); } });`

func TestACommandIsRunAndIsNoMessage(t *testing.T) {
	h := open(t)
	h.load(
		plugin("remind", "commands:register messages:send", remind),
		plugin("ear", "messages:read,intercept", `api.onMessage(m => log(m.content)); api.interceptMessage(m => { log("checked", m.content); });`),
	)
	r := h.say(`/remind 3 loud   buy  "fresh milk" `)
	if r.Message != nil || r.Command != "remind" || r.Plugin != "remind" {
		t.Errorf("receipt %+v", r)
	}
	h.say("/remind text=hello count=2")
	h.say("/remind\t4")
	same(t, "values", h.lines("remind"), []string{
		`{"command":"remind","values":{"count":3,"how":"loud","text":"buy  \"fresh milk\""},"text":"3 loud   buy  \"fresh milk\"","author":{"id":"u1","name":"Ann"},"channel":"lobby"}`,
		`{"command":"remind","values":{"count":2,"text":"hello"},"text":"text=hello count=2","author":{"id":"u1","name":"Ann"},"channel":"lobby"}`,
		`{"command":"remind","values":{"count":4},"text":"4","author":{"id":"u1","name":"Ann"},"channel":"lobby"}`,
	})
	same(t, "what others saw", h.lines("ear"), []string{"checked done", "checked done", "checked done"})
	same(t, "answers", h.app.texts(), []string{"done", "done", "done"})
	for _, m := range h.app.messages() {
		same(t, "channel", m.Channel, "lobby")
	}
}

func TestACommandTypedWrongSaysHow(t *testing.T) {
	h := open(t)
	h.load(plugin("remind", "commands:register messages:send", remind))
	for text, want := range map[string]string{
		"/remind":             "COUNT is missing",
		"/remind x":           `COUNT is "x", wanted a number`,
		"/remind 1.5":         `COUNT is "1.5", wanted a whole number`,
		"/remind 1 shout":     `HOW is "shout", wanted one of loud, soft`,
		"/remind count=":      `COUNT is "", wanted a number`,
		"/remind 1 how=silly": "wanted one of loud, soft",
	} {
		_, err := h.Receive(limited(t), person("lobby", text))
		if !errors.Is(err, innkeeper.ErrUsage) {
			t.Errorf("%s: %v", text, err)
			continue
		}
		holds(t, text, err.Error(), want)
		holds(t, text, err.Error(), "/remind COUNT [loud|soft] [TEXT]")
		if n := strings.Count(err.Error(), "wrong use"); n != 1 {
			t.Errorf("%s says it %d times: %v", text, n, err)
		}
	}
	same(t, "help", h.say("/remind --help").Notice, "/remind COUNT [loud|soft] [TEXT]\nReminds you\n  COUNT\n  HOW\n  TEXT")
	same(t, "all", h.say("/help").Notice, "/remind COUNT [loud|soft] [TEXT]  Reminds you")
	if r := h.say("/nothing here"); r.Message == nil || r.Command != "" {
		t.Errorf("a command that nobody has: %+v", r)
	}
	if r := h.say("/"); r.Message == nil {
		t.Errorf("a slash alone: %+v", r)
	}
	same(t, "runs", h.lines("remind"), []string{})
}

func TestANameThatIsTakenIsShownInFull(t *testing.T) {
	h := open(t)
	add := func(name string) files {
		return plugin(name, "commands:register", `api.registerCommand({ name: "go", handler: () => log("ran") });`)
	}
	h.load(add("one"), add("two"))
	shown := []string{}
	for _, c := range h.Contributions().Commands {
		shown = append(shown, c.Shown)
	}
	same(t, "shown", shown, []string{"go", "two:go"})
	h.say("/go")
	h.say("/two:go")
	h.say("/one:go")
	same(t, "one", h.lines("one"), []string{"ran", "ran"})
	same(t, "two", h.lines("two"), []string{"ran"})
	if err := h.Unload(limited(t), "one", innkeeper.UnloadOptions{}); err != nil {
		t.Fatal(err)
	}
	h.say("/go")
	same(t, "two", h.lines("two"), []string{"ran", "ran"})
}

func TestWrongCommandsAreRefused(t *testing.T) {
	for name, init := range map[string]string{
		"no name":    `{ handler() {} }`,
		"bad name":   `{ name: "Go!", handler() {} }`,
		"no handler": `{ name: "go" }`,
		"type":       `{ name: "go", options: [{ name: "x", type: "date" }], handler() {} }`,
		"twice":      `{ name: "go", options: [{ name: "x" }, { name: "x" }], handler() {} }`,
		"order":      `{ name: "go", options: [{ name: "x" }, { name: "y", required: true }], handler() {} }`,
		"options":    `{ name: "go", options: 5, handler() {} }`,
		"again":      `{ name: "taken", handler() {} }`,
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			err := h.LoadPackage(limited(t), plugin("cmd", "commands:register", `api.registerCommand({ name: "taken", handler() {} }); api.registerCommand(`+init+` as any);`).pkg(t))
			var wrong *innkeeper.PluginError
			if !errors.As(err, &wrong) || wrong.Name != "TypeError" {
				t.Errorf("load: %v", err)
			}
		})
	}
}

func TestMenuItemsAndComponentsAreListedAndClicked(t *testing.T) {
	h := open(t)
	h.load(plugin("page", "ui:components,menu messages:send", `
		api.registerComponent({ name: "Badge", position: "header", component: () => null });
		const item = api.addMenuItem({ id: "about", label: "About", icon: "i", location: "main", onClick: (c) => { log(c); return api.sendMessage({ content: "clicked" }); } });
		api.addMenuItem({ id: "once", label: "Once", onClick: (c) => { throw new Error("oops"); } });`))
	c := h.Contributions()
	same(t, "contributions", c.Components, c.Components[:1])
	same(t, "menu", []string{c.MenuItems[0].ID, c.MenuItems[0].Label, c.MenuItems[1].ID}, []string{"about", "About", "once"})
	ann := person("lobby", "").Author
	if err := h.Click(limited(t), "page", "about", ann, "lobby"); err != nil {
		t.Fatal(err)
	}
	if err := h.Click(limited(t), "page", "once", ann, "lobby"); err != nil {
		t.Fatal(err)
	}
	h.settle()
	if err := h.Click(limited(t), "page", "nothing", ann, "lobby"); err == nil {
		t.Error("an item that is not there was clicked")
	}
	same(t, "lines", h.lines("page"), []string{`{"user":{"id":"u1","name":"Ann"},"channel":"lobby"}`})
	same(t, "sent", h.app.texts(), []string{"clicked"})
	if err := h.Disable(limited(t), "page"); err != nil {
		t.Fatal(err)
	}
	c = h.Contributions()
	if len(c.Components)+len(c.MenuItems) > 0 {
		t.Errorf("a disabled plugin contributes %+v", c)
	}
	if err := h.Click(limited(t), "page", "about", ann, "lobby"); !errors.Is(err, innkeeper.ErrNotActive) {
		t.Errorf("click: %v", err)
	}
}
