package innkeeper_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper"
)

func TestAReloadKeepsMessagesInOrderAndLosesNone(t *testing.T) {
	h := open(t)
	dir := t.TempDir()
	version := func(n int) files {
		return plugin("ear", "messages:read,send", fmt.Sprintf(`
			api.onMessage(m => { log(m.content, "by", %d); });
			await null;`, n))
	}
	if err := h.Load(limited(t), version(0).folder(t, dir)); err != nil {
		t.Fatal(err)
	}
	const messages = 150 // the log takes 200 lines at once
	var sending sync.WaitGroup
	sending.Go(func() {
		for i := range messages {
			if _, err := h.Receive(limited(t), person("lobby", fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
		}
	})
	for n := 1; n <= 5; n++ {
		version(n).folder(t, dir)
		if err := h.Reload(limited(t), "ear"); err != nil {
			t.Error(err)
		}
	}
	sending.Wait()
	h.settle()
	lines := h.lines("ear")
	if len(lines) != messages {
		t.Fatalf("%d of %d messages were handled: %q", len(lines), messages, h.incidents("ear"))
	}
	// Those of one generation are in order; a generation finishes what it has
	// started while the next begins, and both write to one log.
	seen := map[string][]int{}
	for _, line := range lines {
		var message int
		var by string
		if _, err := fmt.Sscanf(line, "%d by %s", &message, &by); err != nil {
			t.Fatal(err)
		}
		seen[by] = append(seen[by], message)
	}
	for by, list := range seen {
		if !slices.IsSorted(list) {
			t.Errorf("generation %s: %v", by, list)
		}
	}
}

func TestWaitingCallsMoveToTheNewGenerationAheadOfNewerOnes(t *testing.T) {
	dir := t.TempDir()
	// A handler of the old generation stands still in a log line until the test
	// lets go.
	holding := &gate{book: &book{change: make(chan struct{})}, holds: "hold", reached: make(chan struct{}), release: make(chan struct{})}
	h := open(t, func(o *innkeeper.Options) {
		o.Logger, o.Observer = loggerTo(holding), holding.book
		o.Limits.Running = time.Minute
	})
	h.book = holding.book
	code := func(n string) files {
		return plugin("ear", "messages:read", `api.onMessage(m => { log(m.content === "first" ? "hold" : m.content, "by `+n+`"); });`)
	}
	if err := h.Load(limited(t), code("old").folder(t, dir)); err != nil {
		t.Fatal(err)
	}
	receive := func(text string) {
		t.Helper()
		if _, err := h.Receive(limited(t), person("lobby", text)); err != nil {
			t.Fatal(err)
		}
	}
	receive("first")
	<-holding.reached
	receive("second")
	receive("third")
	code("new").folder(t, dir)
	reloaded := make(chan error, 1)
	go func() { reloaded <- h.Reload(limited(t), "ear") }()
	h.book.await(t, "the reload", func() bool {
		return slices.ContainsFunc(h.book.events, func(e innkeeper.Event) bool { return e.Type == innkeeper.EventReloaded })
	})
	receive("fourth")
	close(holding.release)
	if err := <-reloaded; err != nil {
		t.Fatal(err)
	}
	h.settle()
	got := h.lines("ear")
	got = slices.DeleteFunc(got, func(l string) bool { return strings.HasPrefix(l, "hold") })
	same(t, "lines", got, []string{"second by new", "third by new", "fourth by new"})
}
