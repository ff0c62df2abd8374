package innkeeper_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
)

// house is a host with its chat server, its log and what its observer saw.
type house struct {
	*innkeeper.Host
	t    testing.TB
	app  *server
	dir  string
	book *book
}

// open starts a host on a directory of its own.
func open(t testing.TB, change ...func(*innkeeper.Options)) *house {
	t.Helper()
	return openIn(t, t.TempDir(), change...)
}

func openIn(t testing.TB, dir string, change ...func(*innkeeper.Options)) *house {
	t.Helper()
	h := &house{t: t, dir: dir, app: &server{change: make(chan struct{})}, book: &book{change: make(chan struct{})}}
	o := innkeeper.Options{App: h.app, Dir: dir, Policy: innkeeper.Policy{GrantDeclared: true}, Logger: slog.New(h.book), Observer: h.book}
	for _, c := range change {
		c(&o)
	}
	var err error
	if h.Host, err = innkeeper.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	return h
}

func (h *house) close() {
	if err := h.Host.Close(limited(h.t)); err != nil {
		h.t.Errorf("close: %v", err)
	}
}

// limited is a context that ends before the test's own time is over.
func limited(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// load runs plugins, in order.
func (h *house) load(plugins ...files) {
	h.t.Helper()
	for _, f := range plugins {
		if err := h.LoadPackage(limited(h.t), f.pkg(h.t)); err != nil {
			h.t.Fatal(err)
		}
	}
	h.settle()
}

// say lets a person say something in the channel "lobby" and waits until all
// that follows from it is done.
func (h *house) say(text string) innkeeper.Receipt {
	h.t.Helper()
	receipt, err := h.Receive(limited(h.t), person("lobby", text))
	if err != nil {
		h.t.Fatalf("receive %q: %v", text, err)
	}
	h.settle()
	return receipt
}

func person(channel, text string) chat.Message {
	return chat.Message{Channel: channel, Role: chat.RoleUser, Author: chat.Author{ID: "u1", Name: "Ann"}, Content: text}
}

func (h *house) settle() {
	h.t.Helper()
	if err := h.Settle(limited(h.t)); err != nil {
		h.t.Fatalf("settle: %v", err)
	}
}

// lines are what a plugin logged.
func (h *house) lines(name string) []string {
	h.book.mu.Lock()
	defer h.book.mu.Unlock()
	out := []string{}
	for _, l := range h.book.logged {
		if text, ok := strings.CutPrefix(l, name+" INFO "); ok {
			out = append(out, text)
		}
	}
	return out
}

// incidents are the errors that the observer was told of.
func (h *house) incidents(name string) []string {
	h.book.mu.Lock()
	defer h.book.mu.Unlock()
	out := []string{}
	for _, e := range h.book.events {
		if (e.Type == innkeeper.EventError || e.Type == innkeeper.EventBusy) && e.Plugin == name {
			out = append(out, e.Err.Error())
		}
	}
	return out
}

// states are those that a plugin went through.
func (h *house) states(name string) []innkeeper.State {
	h.book.mu.Lock()
	defer h.book.mu.Unlock()
	var out []innkeeper.State
	for _, e := range h.book.events {
		if e.Type == innkeeper.EventState && e.Plugin == name {
			out = append(out, e.State)
		}
	}
	return out
}

// awaitState waits until a plugin has been told to be in a state n times.
func (h *house) awaitState(name string, state innkeeper.State, n int) {
	h.t.Helper()
	h.book.await(h.t, fmt.Sprintf("state %s of %s", state, name), func() bool {
		seen := 0
		for _, e := range h.book.events {
			if e.Type == innkeeper.EventState && e.Plugin == name && e.State == state {
				seen++
			}
		}
		return seen >= n
	})
}

// awaitLine waits until a plugin has logged a line.
func (h *house) awaitLine(name, text string) {
	h.t.Helper()
	h.book.await(h.t, fmt.Sprintf("line %q of %s", text, name), func() bool {
		return slices.Contains(h.book.logged, name+" INFO "+text)
	})
}

func (h *house) state(name string) innkeeper.State {
	info, ok := h.Plugin(name)
	if !ok {
		return ""
	}
	return info.State
}

// same reports a difference.
func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if string(g) != string(w) {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// holds reports a text that lacks a part.
func holds(t testing.TB, what, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%s: %q does not hold %q", what, text, part)
	}
}
