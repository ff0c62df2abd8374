package innkeeper_test

import (
	"testing"

	"github.com/innkeeper-host/innkeeper"
)

func TestAGrantIsToldWithTheManifestThatAsksForIt(t *testing.T) {
	h := open(t)
	h.load(plugin("asker", "storage:read", "").with("description", "It remembers."))
	h.book.mu.Lock()
	defer h.book.mu.Unlock()
	for _, e := range h.book.events {
		if e.Type != innkeeper.EventGranted {
			continue
		}
		if e.Manifest == nil {
			t.Fatal("the event has no manifest")
		}
		same(t, "description", e.Manifest.Description, "It remembers.")
		return
	}
	t.Fatal("no grant was told")
}
