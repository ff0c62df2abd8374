package innkeeper_test

import (
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper"
)

func TestSettleWaitsForTheGenerationThatFollowsOneThatEnded(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) { o.Limits.Running = 500 * time.Millisecond })
	h.load(plugin("loop", "messages:read,send", `api.onMessage(m => { if (m.content === "spin") for (;;) ; return say("here"); });
		api.onMessage(m => { if (m.content === "spin later") setTimeout(() => { for (;;) ; }); });`))
	for range 2 {
		h.say("spin")
		h.say("again")
	}
	h.say("spin later")
	h.say("again")
	got := h.app.texts()
	same(t, "answers", len(got), 4) // "spin later" is answered before it spins
	p, _ := h.Plugin("loop")
	same(t, "restarts", p.Restarts, 3)
	same(t, "state", p.State, innkeeper.StateActive)
}
