package innkeeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/internal/clock"
)

func TestAReplacedGenerationAnswersWhatItHasBegun(t *testing.T) {
	fake := clock.NewFake(time.Unix(0, 0))
	h := open(t, func(o *innkeeper.Options) { o.Clock = fake })
	old := plugin("slow", "messages:read,send", `api.onMessage(async () => {
		log("begun");
		await new Promise(done => setTimeout(done, 2000));
		await say("from the old one");
	}); this.stop = () => log("destroyed");`)
	dir := old.folder(t, t.TempDir())
	if err := h.Load(limited(t), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Receive(limited(t), person("lobby", "go")); err != nil {
		t.Fatal(err)
	}
	h.book.await(t, "the handler's start", func() bool { return strings.Contains(strings.Join(h.book.logged, "\n"), "begun") })
	plugin("slow", "messages:read,send", `api.onMessage(() => say("from the new one"));`).folder(t, dir)
	reloaded := make(chan error, 1)
	go func() { reloaded <- h.Reload(limited(t), "slow") }()
	h.book.await(t, "the switch", func() bool {
		last := h.book.events[len(h.book.events)-1]
		return last.Type == innkeeper.EventReloaded
	})
	fake.Advance(2 * time.Second)
	if err := <-reloaded; err != nil {
		t.Fatal(err)
	}
	h.say("and now")
	same(t, "answers", strings.Join(h.app.texts(), "|"), "from the old one|from the new one")
}

func TestAReplacedGenerationThatNeverEndsGoesAtItsDeadline(t *testing.T) {
	fake := clock.NewFake(time.Unix(0, 0))
	h := open(t, func(o *innkeeper.Options) { o.Clock = fake })
	h.load(plugin("stuck", "messages:read", `api.onMessage(() => new Promise(() => log("waiting")));`))
	if _, err := h.Receive(limited(t), person("lobby", "go")); err != nil {
		t.Fatal(err)
	}
	h.book.await(t, "the handler's start", func() bool { return strings.Contains(strings.Join(h.book.logged, "\n"), "waiting") })
	reloaded := make(chan error, 1)
	go func() { reloaded <- h.Reload(limited(t), "stuck") }()
	h.book.await(t, "the switch", func() bool { return h.book.events[len(h.book.events)-1].Type == innkeeper.EventReloaded })
	for done := false; !done; { // the deadline is set just after the switch
		fake.Advance(5 * time.Second)
		select {
		case err := <-reloaded:
			if err != nil {
				t.Fatal(err)
			}
			done = true
		case <-time.After(time.Millisecond):
		}
	}
}
