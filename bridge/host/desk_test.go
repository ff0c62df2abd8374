package host_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/bridge/host"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/internal/clock"
	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/storage"
	"github.com/innkeeper-host/innkeeper/storage/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// captive is a room whose inside belongs to the test: a plugin that has taken
// over its whole worker, checks nothing and sends whatever it likes.
type captive struct {
	server bridge.Server
	done   chan struct{}
	once   sync.Once

	mu       sync.Mutex
	calls    []bridge.Call
	ends     map[bridge.Cause]func(bridge.Result)
	pushed   []bridge.State
	answerAt map[bridge.Kind]bool // kinds that are answered at once
}

func (r *captive) Post(c bridge.Call, done func(bridge.Result)) error {
	r.mu.Lock()
	select {
	case <-r.done:
		r.mu.Unlock()
		return bridge.ErrClosed
	default:
	}
	r.calls = append(r.calls, c)
	now := r.answerAt[c.Kind]
	if !now {
		r.ends[c.Cause] = done
	}
	r.mu.Unlock()
	if now {
		done(bridge.Result{})
	}
	return nil
}

func (r *captive) finish(c bridge.Cause, result bridge.Result) {
	r.mu.Lock()
	done := r.ends[c]
	delete(r.ends, c)
	r.mu.Unlock()
	if done != nil {
		done(result)
	}
}

func (r *captive) Push(s bridge.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pushed = append(r.pushed, s)
}

func (r *captive) Abandon(c bridge.Cause) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.ends, c)
}

func (r *captive) Drain() []bridge.Waiting { return nil }

func (r *captive) Close(context.Context) error {
	r.once.Do(func() {
		close(r.done)
		r.mu.Lock()
		left := r.ends
		r.ends = map[bridge.Cause]func(bridge.Result){}
		r.mu.Unlock()
		for _, done := range left {
			done(bridge.Result{Err: &bridge.Error{Name: "Error", Message: bridge.ErrClosed.Error(), Fatal: true}})
		}
	})
	return nil
}

func (r *captive) Done() <-chan struct{} { return r.done }

func (r *captive) Err() error {
	select {
	case <-r.done:
		return bridge.ErrClosed
	default:
		return nil
	}
}

// last is the cause of the last call of a kind.
func (r *captive) last(k bridge.Kind) bridge.Cause {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range slices.Backward(r.calls) {
		if c.Kind == k {
			return c.Cause
		}
	}
	return 0
}

// square is where the plugin's messages and events go.
type square struct {
	mu        sync.Mutex
	sent      []chat.Message
	hops      []int
	emitted   []string
	incidents []string
}

func (s *square) Accept(_ context.Context, _ *host.Session, m chat.Message, hops int) (chat.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.ID = "m"
	s.sent, s.hops = append(s.sent, m), append(s.hops, hops)
	return m, nil
}

func (s *square) Emit(from *host.Session, name, data string, hops int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emitted, s.hops = append(s.emitted, name), append(s.hops, hops)
}

func (s *square) Incident(_ *host.Session, where string, err *bridge.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.incidents = append(s.incidents, where+": "+err.Error())
}

func (s *square) told() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.incidents)
}

// desk is a desk with one captive.
type desk struct {
	t      *testing.T
	desk   *host.Desk
	square *square
	clock  *clock.Fake
	*host.Session
	room *captive
}

// seat opens a session with the given permissions; goLive says whether its
// initialize has ended.
func seat(t *testing.T, goLive bool, permissions ...packaging.Permission) *desk {
	t.Helper()
	c := clock.NewFake(noon)
	store, err := sqlite.OpenStore(filepath.Join(t.TempDir(), "db"), sqlite.Options{Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, square: &square{}, clock: c}
	d.room = &captive{done: make(chan struct{}), ends: map[bridge.Cause]func(bridge.Result){}, answerAt: map[bridge.Kind]bool{bridge.Initialize: true, bridge.Destroy: true}}
	d.desk = host.NewDesk(host.Options{Store: store, Chat: d.square, Clock: c, Logger: slog.New(slog.DiscardHandler), App: chat.Info{Name: "test"}})
	d.Session, err = d.desk.Open(t.Context(), host.Plugin{Name: "cat", Version: "1.0.0", Display: "The Cat", Identity: storage.NewIdentity("local", "cat"), Grants: packaging.GrantsOf(permissions)},
		func(s bridge.State, server bridge.Server) bridge.Room { d.room.server = server; return d.room })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Session.Close(context.Background(), true); err != nil {
			t.Error(err)
		}
		d.settle()
		d.desk.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	if goLive {
		if err := d.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.GoLive()
	}
	d.settle()
	return d
}

func (d *desk) settle() {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := d.desk.Busy.Wait(ctx); err != nil {
		d.t.Fatalf("something never ends: %v", err)
	}
}

// ask serves one request and waits for its answer; the answer must come once.
func (d *desk) ask(op bridge.Op, cause bridge.Cause, args bridge.Payload) bridge.Result {
	d.t.Helper()
	answer := make(chan bridge.Result, 2)
	d.Serve(bridge.Request{Op: op, Cause: cause, Args: args}, func(r bridge.Result) { answer <- r })
	select {
	case r := <-answer:
		select {
		case <-answer:
			d.t.Errorf("%s was answered twice", op)
		default:
		}
		return r
	case <-time.After(20 * time.Second):
		d.t.Fatalf("%s was never answered", op)
		return bridge.Result{}
	}
}

// args makes a payload: strings, numbers, booleans, json, and nil for undefined.
func args(list ...any) bridge.Payload {
	var e bridge.Encoder
	for _, v := range list {
		switch x := v.(type) {
		case nil:
			e.Undefined()
		case bool:
			e.Bool(x)
		case string:
			e.String(x)
		case int:
			e.Number(float64(x))
		case float64:
			e.Number(x)
		case json.RawMessage:
			e.JSON(string(x))
		case []byte:
			e.Bytes(x)
		}
	}
	return e.Payload()
}

func js(text string) json.RawMessage { return json.RawMessage(text) }

// permissions reads "messages:read,send storage:read".
func permissions(text string) (out []packaging.Permission) {
	for _, p := range strings.Fields(text) {
		resource, actions, _ := strings.Cut(p, ":")
		out = append(out, packaging.Permission{Resource: resource, Actions: strings.Split(actions, ",")})
	}
	return out
}
