package examples_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/internal/clock"
)

// patience is how long a test waits for what must come; no test passes or fails
// by how fast it comes.
const patience = time.Minute

// room is a chat server with one host: what is said in it, in order.
type room struct {
	t     *testing.T
	host  *innkeeper.Host
	clock *clock.Fake

	mu   sync.Mutex
	said []chat.Message
	more chan struct{} // closed, and made anew, when something is said
}

// SendMessage makes room a chat.App.
func (r *room) SendMessage(_ context.Context, m chat.Message) (chat.Message, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.ID = fmt.Sprint(len(r.said) + 1)
	r.said = append(r.said, m)
	close(r.more)
	r.more = make(chan struct{})
	return m, nil
}

// start is a Wednesday.
var start = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// open runs the plugins at paths in a host of their own until the test ends. No
// plugin of an example may fail in any way.
func open(t *testing.T, paths ...string) *room {
	t.Helper()
	r := &room{t: t, clock: clock.NewFake(start), more: make(chan struct{})}
	host, err := innkeeper.New(innkeeper.Options{
		App: r, Dir: t.TempDir(), Clock: r.clock,
		Policy:   innkeeper.Policy{GrantDeclared: true},
		Logger:   slog.New(slog.NewTextHandler(io.Discard, nil)),
		Observer: innkeeper.ObserverFunc(r.observe),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	r.host = host
	if err := host.Load(r.context(), paths...); err != nil {
		t.Fatal(err)
	}
	r.settle()
	return r
}

func (r *room) observe(e innkeeper.Event) {
	if e.Type == innkeeper.EventError || e.Type == innkeeper.EventBusy || e.Type == innkeeper.EventRejected {
		r.t.Errorf("%s: %v", e.Plugin, e.Err)
	}
}

func (r *room) context() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	r.t.Cleanup(cancel)
	return ctx
}

func (r *room) settle() {
	r.t.Helper()
	if err := r.host.Settle(r.context()); err != nil {
		r.t.Fatalf("the host does not come to rest: %v", err)
	}
}

// say has a person say something and returns what the plugins answer.
func (r *room) say(person, text string) []string {
	r.t.Helper()
	before := r.count()
	receipt, err := r.host.Receive(r.context(), chat.Message{
		Channel: "general", Role: chat.RoleUser, Author: chat.Author{ID: "id-" + person, Name: person}, Content: text,
	})
	if err != nil {
		r.t.Fatalf("%s: %v", text, err)
	}
	if receipt.Message != nil {
		before++ // what the person said
	}
	r.settle()
	return r.since(before)
}

// expect is say, and what must be answered.
func (r *room) expect(person, text string, want ...string) {
	r.t.Helper()
	if got := r.say(person, text); strings.Join(got, "\n--\n") != strings.Join(want, "\n--\n") {
		r.t.Errorf("%s: %s\n got %q\nwant %q", person, text, got, want)
	}
}

func (r *room) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.said)
}

func (r *room) since(n int) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, m := range r.said[n:] {
		out = append(out, m.Content)
	}
	return out
}

func (r *room) last() chat.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said[len(r.said)-1]
}

// passUntil lets the time pass until due, and waits for what is said then: jobs
// run on the host's own goroutine.
func (r *room) passUntil(due time.Time) []string {
	r.t.Helper()
	before := r.count()
	r.clock.Advance(due.Sub(r.clock.Now()))
	ctx := r.context()
	for r.count() == before {
		r.mu.Lock()
		more := r.more
		r.mu.Unlock()
		// The scheduler may set its timer late, against a clock that has moved
		// on: then it is due at once, and somebody has to say so.
		r.clock.Advance(0)
		select {
		case <-more:
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			r.t.Fatalf("nothing was said at %s", due)
		}
	}
	r.settle()
	return r.since(before)
}
