package innkeeper_test

import (
	"errors"
	"os"
	"testing"

	"github.com/innkeeper-host/innkeeper"
)

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
