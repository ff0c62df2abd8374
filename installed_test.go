package innkeeper_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/storage"
	"github.com/innkeeper-host/innkeeper/storage/sqlite"
)

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
	path := plugin("four", "", ``).folder(t, t.TempDir())
	_, installErr := h.Install(limited(t), path)
	for what, err := range map[string]error{
		"Load": h.Load(limited(t), path), "LoadPackage": h.LoadPackage(limited(t), plugin("four", "", ``).pkg(t)),
		"Start": h.Start(limited(t)), "Install": installErr, "Enable": h.Enable(limited(t), "two"), "Disable": h.Disable(limited(t), "one"),
	} {
		if !errors.Is(err, innkeeper.ErrClosed) {
			t.Errorf("%s of a closed host: %v", what, err)
		}
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

func TestWhatIsInstalledIsListedBeforeItRuns(t *testing.T) {
	dir := t.TempDir()
	h := openIn(t, dir)
	needs := plugin("needs", "", ``).with("dependencies", []string{"other"})
	for _, f := range []files{plugin("other", "", ``), needs} {
		if _, err := h.Install(limited(t), f.folder(t, t.TempDir())); err != nil {
			t.Fatal(err)
		}
	}
	listed := func(want ...string) {
		t.Helper()
		got := []string{}
		for _, p := range h.Plugins() {
			got = append(got, fmt.Sprintf("%s %s %s wanted=%t", p.Name, p.Version, p.State, p.Wanted))
		}
		same(t, "plugins", got, want)
	}
	listed("needs 1.0.0 installed wanted=true", "other 1.0.0 installed wanted=true")
	if err := h.Disable(limited(t), "other"); err != nil {
		t.Fatal(err)
	}
	var missing *innkeeper.MissingError
	if err := h.Start(limited(t)); !errors.As(err, &missing) {
		t.Errorf("start: %v", err)
	}
	listed("needs 1.0.0 error wanted=true", "other 1.0.0 disabled wanted=false")
	if info, ok := h.Plugin("needs"); !ok || !errors.As(info.Err, &missing) || info.Reason != info.Err.Error() {
		t.Errorf("needs: %+v", info)
	}
	h.close()
	same(t, "plugins of a closed host", len(h.Plugins()), 0)

	h = openIn(t, dir)
	listed("needs 1.0.0 installed wanted=true", "other 1.0.0 disabled wanted=false")
	if err := errors.Join(h.Enable(limited(t), "other"), h.Enable(limited(t), "needs")); err != nil {
		t.Fatal(err)
	}
	listed("needs 1.0.0 active wanted=true", "other 1.0.0 active wanted=true")
	if err := h.Unload(limited(t), "needs", innkeeper.UnloadOptions{}); err != nil {
		t.Fatal(err)
	}
	listed("needs 1.0.0 installed wanted=true", "other 1.0.0 active wanted=true")
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
	if h.state("good") != active || h.state("bad") != innkeeper.StateInstalled {
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
