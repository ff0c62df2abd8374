package innkeeper_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
)

func key(hex string) func(*innkeeper.Options) {
	return func(o *innkeeper.Options) { o.SecretKey = []byte(strings.Repeat(hex+"01", 16)) }
}

const schema = `{
	loud: { type: "boolean", default: false, label: "Loud" },
	greeting: { type: "string", default: "hello", maxLength: 10, pattern: "[a-z]+" },
	about: { type: "text" },
	times: { type: "number", min: 1, max: 5, default: 2 },
	color: { type: "select", options: ["red", { value: "blue", label: "Blue" }], default: "red" },
	tags: { type: "multiselect", options: ["a", "b", "c"], default: ["a"] },
}`

func TestSettingsHaveDefaultsAndLimits(t *testing.T) {
	h := open(t)
	h.load(plugin("poll", "settings:read", `
		api.registerSettings(`+schema+`);
		log(api.getSettings());
		api.onSettingsChange((s) => log("changed", s));
		events.on("settings:changed", (d, i) => log("event", d, i.source));`))
	good := map[string]any{"loud": true, "greeting": "hey", "about": "x\ny", "times": 3, "color": "blue", "tags": []string{"b", "c"}}
	if err := h.SetSettings(limited(t), "poll", good); err != nil {
		t.Fatal(err)
	}
	h.settle()
	for field, values := range map[string][]any{
		"loud": {1, "true", []any{}}, "greeting": {"UPPER", "far too long for it", 5, ""}, "times": {0, 6, "3"},
		"color": {"green", 1}, "tags": {"a", []string{"d"}, []any{1}}, "nothing": {1},
	} {
		for _, v := range values {
			var wrong *chat.SettingError
			if err := h.SetSettings(limited(t), "poll", map[string]any{"loud": false, field: v}); !errors.As(err, &wrong) || wrong.Field != field {
				t.Errorf("%s = %v: %v", field, v, err)
			}
		}
	}
	got, values, err := h.Settings("poll")
	if err != nil || len(got) != 6 || got[0].Name != "loud" || got[4].Options[1].Label != "Blue" {
		t.Errorf("schema: %v, %v", got, err)
	}
	same(t, "values", values, good)
	if err := h.SetSettings(limited(t), "poll", map[string]any{"greeting": nil}); err != nil {
		t.Fatal(err)
	}
	h.settle()
	lines := h.lines("poll")
	same(t, "lines", lines, []string{
		`{"color":"red","greeting":"hello","loud":false,"tags":["a"],"times":2}`,
		`changed {"about":"x\ny","color":"blue","greeting":"hey","loud":true,"tags":["b","c"],"times":3}`,
		`event {"changed":["about","color","greeting","loud","tags","times"]} host`,
		`changed {"about":"x\ny","color":"blue","greeting":"hello","loud":true,"tags":["b","c"],"times":3}`,
		`event {"changed":["greeting"]} host`,
	})
}

func TestAPluginChangesItsSettingsWithinTheirLimits(t *testing.T) {
	h := open(t)
	h.load(plugin("poll", "settings:read,write", logTries+`
		await attempt("before a schema", () => api.setSettings({ loud: true }));
		api.registerSettings(`+schema+`);
		await attempt("good", () => api.setSettings({ loud: true, times: 4 }));
		await attempt("value", () => api.getSettings().times);
		await attempt("wrong", () => api.setSettings({ loud: false, times: 9 }));
		await attempt("unknown", () => api.setSettings({ nothing: 1 } as any));
		await attempt("not an object", () => api.setSettings([1] as any));
		await attempt("none", () => api.setSettings(null as any));
		await attempt("kept", () => api.getSettings().loud);
	`))
	same(t, "lines", h.lines("poll"), []string{
		"before a schema = TypeError: settings: poll registers none", "good = undefined", "value = 4",
		`wrong = TypeError: setting "times": 9 is above 5`, `unknown = TypeError: setting "nothing": the plugin has no such setting`,
		"not an object = TypeError: setSettings: wanted an object from name to value", "none = TypeError: setSettings: wanted an object", "kept = true",
	})
}

func TestWrongSchemasAreRefusedAtOnce(t *testing.T) {
	h := open(t)
	h.load(plugin("poll", "settings:read", logTries+`
		for (const [name, s] of Object.entries({ type: { a: { type: "color" } }, options: { a: { type: "select" } }, secret: { a: { type: "secret", default: "x" } },
			pattern: { a: { type: "string", pattern: "(" } }, dflt: { a: { type: "number", default: "1" } }, list: [1], text: "x" }))
			await attempt(name, () => api.registerSettings(s as any));
	`))
	lines := h.lines("poll")
	if len(lines) != 7 {
		t.Fatalf("lines %q", lines)
	}
	for _, l := range lines {
		holds(t, "refusal", l, "= TypeError: registerSettings: ")
	}
}

func secretPlugin(typ string) files {
	return plugin("keeper", "settings:read,write", `
		api.registerSettings({ token: { type: "`+typ+`" }, name: { type: "string", default: "n" } });
		log(api.getSettings().token);
		api.onSettingsChange(s => log("changed", s.token));
		events.on("settings:changed", d => log("event", d));`)
}

func TestSecretsAreSealedAndShownToThePluginOnly(t *testing.T) {
	const secret = "hunter2-very-secret-value"
	dir := t.TempDir()
	h := openIn(t, dir, key("ab"))
	h.load(secretPlugin("secret"))
	if err := h.SetSettings(limited(t), "keeper", map[string]any{"token": secret}); err != nil {
		t.Fatal(err)
	}
	h.settle()
	_, values, err := h.Settings("keeper")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "form", values, map[string]any{"name": "n"})
	same(t, "lines", h.lines("keeper"), []string{"undefined", "changed " + secret, `event {"changed":["token"]}`})
	h.close()
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(secret)) || bytes.Contains(data, []byte("hunter2")) {
			t.Errorf("the secret lies in plain text in %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	h = openIn(t, dir, key("ab"))
	h.load(secretPlugin("secret"))
	same(t, "after a restart", h.lines("keeper"), []string{secret})
	h.close()

	h = openIn(t, dir, key("cd"))
	h.load(secretPlugin("secret"))
	same(t, "with another key", h.lines("keeper"), []string{"undefined"})
	if n := len(h.incidents("keeper")); n != 1 {
		t.Errorf("%d incidents: %q", n, h.incidents("keeper"))
	}
	h.close()

	h = openIn(t, dir)
	err = h.LoadPackage(limited(t), secretPlugin("secret").pkg(t))
	var refused *innkeeper.PluginError
	if !errors.As(err, &refused) || refused.Name != "NotSupportedError" {
		t.Errorf("without a key: %v", err)
	}
	h.close()

	// A version that says the field is plain text does not get the secret out.
	h = openIn(t, dir, key("ab"))
	h.load(secretPlugin("string"))
	_, values, _ = h.Settings("keeper")
	same(t, "form of another type", values, map[string]any{"name": "n"})
	h.close()
	h = openIn(t, dir, key("ab"))
	h.load(secretPlugin("secret"))
	same(t, "dropped for good", h.lines("keeper"), []string{"undefined"})
}

func TestAFailedReloadDropsNoSecret(t *testing.T) {
	dir := t.TempDir()
	h := open(t, key("ab"))
	if err := h.Load(limited(t), secretPlugin("secret").folder(t, dir)); err != nil {
		t.Fatal(err)
	}
	if err := h.SetSettings(limited(t), "keeper", map[string]any{"token": "s3"}); err != nil {
		t.Fatal(err)
	}
	broken := secretPlugin("string")
	broken["index.ts"] = strings.Replace(broken["index.ts"], "api.onSettingsChange", `throw new Error("x"); api.onSettingsChange`, 1)
	broken.folder(t, dir)
	if err := h.Reload(limited(t), "keeper"); err == nil {
		t.Fatal("it reloaded")
	}
	secretPlugin("secret").folder(t, dir)
	if err := h.Reload(limited(t), "keeper"); err != nil {
		t.Fatal(err)
	}
	h.settle()
	lines := h.lines("keeper")
	same(t, "the secret", lines[len(lines)-1], "s3")
}

func TestSettingsThatChangeDuringAReloadAreNotLost(t *testing.T) {
	dir := t.TempDir()
	holding := &gate{book: &book{change: make(chan struct{})}, holds: "initializing two", reached: make(chan struct{}), release: make(chan struct{})}
	h := open(t, func(o *innkeeper.Options) { o.Logger, o.Observer = loggerTo(holding), holding.book })
	h.book = holding.book
	version := func(n string) files {
		return plugin("poll", "settings:read", `
			api.registerSettings({ name: { type: "string", default: "d" } });
			log("initializing `+n+`");
			api.onSettingsChange(s => log("`+n+` is told", s.name));`)
	}
	if err := h.Load(limited(t), version("one").folder(t, dir)); err != nil {
		t.Fatal(err)
	}
	version("two").folder(t, dir)
	reloaded := make(chan error, 1)
	go func() { reloaded <- h.Reload(limited(t), "poll") }()
	<-holding.reached
	if err := h.SetSettings(limited(t), "poll", map[string]any{"name": "new"}); err != nil {
		t.Fatal(err)
	}
	close(holding.release)
	if err := <-reloaded; err != nil {
		t.Fatal(err)
	}
	h.settle()
	_, values, _ := h.Settings("poll")
	same(t, "values", values, map[string]any{"name": "new"})
	h.awaitLine("poll", "two is told new")
}
