package innkeeper_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper"
)

func running(d time.Duration) func(*innkeeper.Options) {
	return func(o *innkeeper.Options) { o.Limits.Running = d }
}

func TestAPluginThatNeverEndsHoldsUpNobodyElse(t *testing.T) {
	h := open(t, running(time.Second))
	h.load(plugin("spinner", "messages:read,send", `api.onMessage(m => { if (m.content === "spin") for (;;) {} return say("spinner answers"); });`))
	for i := range 10 {
		h.load(plugin(fmt.Sprintf("good%d", i), "messages:read,send", `api.onMessage(m => say("good"));`))
	}
	if _, err := h.Receive(limited(t), person("lobby", "spin")); err != nil {
		t.Fatal(err)
	}
	h.awaitState("spinner", innkeeper.StateActive, 2)
	h.settle()
	// All this in the order in which it happened.
	h.book.mu.Lock()
	answers, timedOut := 0, -1
	for _, e := range h.book.events {
		switch {
		case e.Type == innkeeper.EventMessage && e.Plugin != "":
			answers++
		case e.Type == innkeeper.EventError && errors.Is(e.Err, innkeeper.ErrTimedOut) && timedOut < 0:
			timedOut = answers
			holds(t, "reason", e.Err.Error(), "Plugin execution timed out")
		}
	}
	h.book.mu.Unlock()
	if timedOut != 10 || answers != 10 {
		t.Errorf("%d answers before the spinner's end, %d in all, want all 10 before", timedOut, answers)
	}
	h.say("hello")
	if !slices.Contains(h.app.texts(), "spinner answers") {
		t.Error("the new generation does not answer")
	}
	if info, _ := h.Plugin("spinner"); info.Restarts != 1 || info.State != innkeeper.StateActive {
		t.Errorf("spinner: %+v", info)
	}
}

func TestEveryCallInFlightFailsWithTheReason(t *testing.T) {
	h := open(t, running(100*time.Millisecond))
	h.load(plugin("spinner", "messages:read commands:register", `
		api.onMessage(m => { log("got", m.content); if (m.content === "spin") for (;;) {} return new Promise(() => {}); });`))
	for _, text := range []string{"waits 1", "waits 2", "spin", "waiting"} {
		if _, err := h.Receive(limited(t), person("lobby", text)); err != nil {
			t.Fatal(err)
		}
	}
	h.awaitState("spinner", innkeeper.StateActive, 2)
	h.settle()
	incidents := h.incidents("spinner")
	if len(incidents) != 4 {
		t.Errorf("%d calls failed, want 4: %q", len(incidents), incidents)
	}
	for _, text := range incidents {
		same(t, "reason", text, "spinner: message: Plugin execution timed out")
	}
}

func TestWhatEndsAGeneration(t *testing.T) {
	for name, c := range map[string]struct{ code, reason string }{
		"a loop":                     {`for (;;) {}`, "Plugin execution timed out"},
		"a loop after an await":      {`return Promise.resolve().then(() => { for (;;) {} });`, "Plugin execution timed out"},
		"a loop in a getter":         {`return { get then() { for (;;) {} } };`, "Plugin execution timed out"},
		"a loop in toJSON":           {`return say({ toJSON() { for (;;) {} } });`, "Plugin execution timed out"},
		"a loop in a timer":          {`setTimeout(() => { for (;;) {} });`, "Plugin execution timed out"},
		"a loop in metadata":         {`return api.sendMessage({ content: "x", metadata: { get a() { for (;;) {} } } });`, "Plugin execution timed out"},
		"recursion":                  {`const f = () => f() + 1; return f();`, "Maximum call stack size exceeded"},
		"recursion in metadata":      {`const f = () => f() + 1; return api.sendMessage({ content: "x", metadata: { get a() { return f(); } } });`, "Maximum call stack size exceeded"},
		"a bug of the engine":        {`for (const x of { [Symbol.iterator]: () => ({}) } as any) {}`, "the JavaScript engine failed"},
		"a bug of the engine, later": {`setTimeout(() => { for (const x of { [Symbol.iterator]: () => ({}) } as any) {} });`, "the JavaScript engine failed"},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, running(100*time.Millisecond))
			h.load(
				plugin("bad", "messages:read,send", `setTimeout(() => {}, 1); api.onMessage(m => { if (m.content === "bad") { setTimeout(() => {}, 1e8); `+c.code+` } log("fine"); });`),
				plugin("good", "messages:read", `api.onMessage(() => log("fine"));`))
			if _, err := h.Receive(limited(t), person("lobby", "bad")); err != nil {
				t.Fatal(err)
			}
			h.awaitState("bad", innkeeper.StateActive, 2)
			h.say("good")
			same(t, "bad", h.lines("bad")[len(h.lines("bad"))-1], "fine")
			same(t, "good", h.lines("good"), []string{"fine", "fine"})
			same(t, "states of the good one", h.states("good"), []innkeeper.State{initializing, active})
			found := false
			h.book.mu.Lock()
			for _, e := range h.book.events {
				found = found || e.Type == innkeeper.EventState && e.Plugin == "bad" && e.State == initializing && e.Err != nil
			}
			h.book.mu.Unlock()
			if !found {
				t.Error("the restart does not say why")
			}
			if info, _ := h.Plugin("bad"); true {
				holds(t, "reason", info.Reason, c.reason)
			}
		})
	}
}

func TestAPluginThatKeepsEndingIsLeftInError(t *testing.T) {
	h := open(t, running(300*time.Millisecond), func(o *innkeeper.Options) { o.Limits.Restarts = 3 })
	h.load(plugin("spinner", "messages:read", `api.onMessage(() => { for (;;) {} });`))
	for n := 2; n <= 3; n++ {
		if _, err := h.Receive(limited(t), person("lobby", "x")); err != nil {
			t.Fatal(err)
		}
		h.awaitState("spinner", innkeeper.StateActive, n)
	}
	if _, err := h.Receive(limited(t), person("lobby", "x")); err != nil {
		t.Fatal(err)
	}
	h.awaitState("spinner", innkeeper.StateError, 1)
	h.settle()
	info, _ := h.Plugin("spinner")
	holds(t, "reason", info.Reason, "ended 3 times within 1m0s, the last time: Plugin execution timed out")
	h.say("nobody listens")
	if err := h.Reload(limited(t), "spinner"); err != nil {
		t.Fatal(err)
	}
	if h.state("spinner") != innkeeper.StateActive {
		t.Errorf("state %s after a reload", h.state("spinner"))
	}
}

func TestARestartThatFailsLeavesThePluginInError(t *testing.T) {
	h := open(t, running(300*time.Millisecond))
	h.load(plugin("spinner", "messages:read storage:read,write", `
		if (await storage.increment("starts") > 1) throw new Error("not again");
		api.onMessage(() => { for (;;) {} });`))
	if _, err := h.Receive(limited(t), person("lobby", "x")); err != nil {
		t.Fatal(err)
	}
	h.awaitState("spinner", innkeeper.StateError, 1)
	h.settle()
	info, _ := h.Plugin("spinner")
	holds(t, "reason", info.Reason, "restart failed: spinner: initialize: not again")
}

func TestACallThatWaitsTooLongIsAbandonedAndItsAnswerDiscarded(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) { o.Limits.Handler = 30 * time.Millisecond })
	h.load(plugin("slow", "messages:read,send", `
		let release: any = () => {};
		api.onMessage(async (m) => {
			if (m.content === "release") return release();
			await new Promise(r => release = r);
			log("released");
			throw new Error("too late to tell");
		});`))
	if _, err := h.Receive(limited(t), person("lobby", "wait")); err != nil {
		t.Fatal(err)
	}
	h.settle() // returns although the handler waits: it was abandoned
	incidents := h.incidents("slow")
	if len(incidents) != 1 {
		t.Fatalf("incidents %q", incidents)
	}
	holds(t, "incident", incidents[0], "message took longer than 30ms and was abandoned")
	h.say("release")
	h.say("after")
	same(t, "lines", h.lines("slow"), []string{"released"})
	same(t, "incidents about the late answer", fmt.Sprint(len(h.incidents("slow"))), "2") // the message "after" waits as well
	if h.state("slow") != innkeeper.StateActive {
		t.Errorf("waiting ended the generation: %s", h.state("slow"))
	}
}

func TestAFullPluginRefusesAndTellsAndTheChatGoesOn(t *testing.T) {
	holding := &gate{book: &book{change: make(chan struct{})}, holds: "hold", reached: make(chan struct{}), release: make(chan struct{})}
	h := open(t, running(time.Minute), func(o *innkeeper.Options) {
		o.Logger, o.Observer, o.Limits.Work = loggerTo(holding), holding.book, 3
	})
	h.book = holding.book
	h.load(plugin("ear", "messages:read", `api.onMessage(m => { log(m.content); });`))
	receive := func(text string) {
		t.Helper()
		if _, err := h.Receive(limited(t), person("lobby", text)); err != nil {
			t.Fatal(err)
		}
	}
	receive("hold")
	<-holding.reached
	for i := range 6 {
		receive(fmt.Sprint(i))
	}
	close(holding.release)
	h.settle()
	same(t, "lines", h.lines("ear"), []string{"hold", "0", "1", "2"})
	busy := 0
	for _, e := range h.book.events {
		if e.Type == innkeeper.EventBusy {
			busy++
		}
	}
	if busy != 3 {
		t.Errorf("%d calls were told as refused, want 3", busy)
	}
	h.say("later")
	same(t, "lines", h.lines("ear"), []string{"hold", "0", "1", "2", "later"})
}
