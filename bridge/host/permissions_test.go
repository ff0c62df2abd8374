package host_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// requests are all that a plugin can ask which a permission guards, as a guest
// that checks nothing asks it. quiet ones register, and have no answer.
var requests = []struct {
	op    bridge.Op
	needs string
	args  bridge.Payload
	quiet bool
}{
	{bridge.OpSend, "messages:send", args("x", "lobby", "", "", "", nil), false},
	{bridge.OpListen, "messages:read", args(1, true), true},
	{bridge.OpIntercept, "messages:read messages:intercept", args(1, 0, ""), true},
	{bridge.OpStorageGet, "storage:read", args("k"), false},
	{bridge.OpStorageKeys, "storage:read", args("", "", 10), false},
	{bridge.OpStorageEntries, "storage:read", args("", "", 10), false},
	{bridge.OpStorageUsage, "storage:read", args(), false},
	{bridge.OpStorageSet, "storage:write", args(0, "k", js("1")), false},
	{bridge.OpStorageDelete, "storage:write", args("k"), false},
	{bridge.OpStorageClear, "storage:write", args(), false},
	{bridge.OpStorageSwap, "storage:write", args("k", 0, js("1")), false},
	{bridge.OpStorageAdd, "storage:read storage:write", args("n", 1), false},
	{bridge.OpSubscribe, "messages:read", args(1, "message"), true},
	{bridge.OpSubscribe, "messages:read", args(1, "message:edited"), true},
	{bridge.OpSubscribe, "events:listen", args(1, "plugin:dog:bark"), true},
	{bridge.OpSubscribe, "events:listen", args(1, "plugin:loaded"), true},
	{bridge.OpSettingsRegister, "settings:read", args(1, js(`{"a":{"type":"boolean"}}`)), true},
	{bridge.OpSettingsListen, "settings:read", args(1), true},
	{bridge.OpCommand, "commands:register", args(1, js(`{"name":"go"}`)), true},
	{bridge.OpSchedule, "schedule:register", args(1, "j", js(`{"every":"1h"}`)), true},
	{bridge.OpComponent, "ui:components", args(1, "C", "top"), true},
	{bridge.OpMenuItem, "ui:menu", args(1, "id", "Label", "", ""), true},
}

func TestEveryRequestIsCheckedHereWhateverTheGuestChecks(t *testing.T) {
	for _, r := range requests {
		needs := strings.Fields(r.needs)
		for i, missing := range needs {
			t.Run(string(r.op)+" without "+missing, func(t *testing.T) {
				d := seat(t, true, permissions(strings.Join(append(append([]string(nil), needs[:i]...), needs[i+1:]...), " "))...)
				want := "PermissionError: Permission denied: " + missing
				if r.quiet {
					d.Serve(bridge.Request{Op: r.op, Args: r.args}, nil)
					d.settle()
					if got := d.square.told(); len(got) != 1 || got[0] != string(r.op)+": "+want {
						t.Errorf("told %q, want %q", got, want)
					}
				} else if got := d.ask(r.op, 0, r.args); got.Err == nil || got.Err.Error() != want || got.Args != "" {
					t.Errorf("answered %+v, want %q", got, want)
				}
				var c chat.Contributions
				d.Contributions(&c)
				if d.Listens(false) || d.Listens(true) || len(d.Interceptors()) > 0 || len(d.Jobs()) > 0 || len(c.Commands)+len(c.Components)+len(c.MenuItems)+len(c.Settings) > 0 || len(d.square.sent) > 0 {
					t.Error("it was done all the same")
				}
			})
		}
		t.Run(string(r.op)+" with "+r.needs, func(t *testing.T) {
			d := seat(t, true, permissions(r.needs)...)
			if r.quiet {
				d.Serve(bridge.Request{Op: r.op, Args: r.args}, nil)
			} else if got := d.ask(r.op, 0, r.args); got.Err != nil {
				t.Errorf("refused: %v", got.Err)
			}
			d.settle()
			if got := d.square.told(); len(got) > 0 {
				t.Errorf("told %q", got)
			}
		})
	}
}

func TestChangingSettingsNeedsWriting(t *testing.T) {
	for _, p := range []string{"settings:read", "settings:read,write"} {
		d := seat(t, true, permissions(p)...)
		d.Serve(bridge.Request{Op: bridge.OpSettingsRegister, Args: args(1, js(`{"a":{"type":"boolean"}}`))}, nil)
		got := d.ask(bridge.OpSettingsSet, 0, args(js(`{"a":true}`)))
		if allowed := strings.Contains(p, "write"); allowed != (got.Err == nil) {
			t.Errorf("with %s: %v", p, got.Err)
		}
		d.settle()
	}
}

func TestARefusedRegistrationFailsInitialize(t *testing.T) {
	for _, r := range requests {
		if !r.quiet {
			continue
		}
		t.Run(string(r.op), func(t *testing.T) {
			d := seat(t, false)
			d.Serve(bridge.Request{Op: r.op, Args: r.args}, nil)
			err := d.Start(t.Context())
			if err == nil || !strings.HasPrefix(err.Error(), "PermissionError: Permission denied: ") {
				t.Errorf("initialize: %v", err)
			}
		})
	}
}

func TestARevocationTakesEffectAtOnce(t *testing.T) {
	everything := permissions("messages:read,send,intercept storage:read,write events:listen ui:components,menu settings:read,write commands:register schedule:register app:read")
	d := seat(t, true, everything...)
	for i, r := range requests {
		if r.quiet {
			rest := strings.TrimPrefix(string(r.args), string(args(1)))
			d.Serve(bridge.Request{Op: r.op, Args: args(i+1) + bridge.Payload(rest)}, nil)
		}
	}
	d.settle()
	if got := d.square.told(); len(got) > 0 {
		t.Fatalf("told %q", got)
	}
	if !d.Listens(true) || !d.MayIntercept("lobby") || !d.HearsEvent("plugin:dog:bark") || !d.MayRead("lobby") {
		t.Fatal("it hears nothing to begin with")
	}
	d.SetGrants(packaging.Grants{})
	var c chat.Contributions
	d.Contributions(&c)
	if d.MayRead("lobby") || d.MayIntercept("lobby") || d.HearsEvent("plugin:dog:bark") || d.HearsEvent("message") || len(d.Interceptors()) > 0 || len(d.Jobs()) > 0 ||
		len(c.Commands)+len(c.Components)+len(c.MenuItems)+len(c.Settings) > 0 {
		t.Errorf("something is left: %+v", c)
	}
	for _, r := range requests {
		if r.quiet {
			continue
		}
		if got := d.ask(r.op, 0, r.args); got.Err == nil || got.Err.Name != bridge.PermissionErrorName {
			t.Errorf("%s: %+v", r.op, got)
		}
	}
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	if last := d.room.pushed[len(d.room.pushed)-1]; len(last.Grants) > 0 || last.App != "" || last.Settings != "" {
		t.Errorf("the guest still has %+v", last)
	}
}

func TestConstraintsAreCheckedHere(t *testing.T) {
	d := seat(t, true,
		packaging.Permission{Resource: "messages", Actions: []string{"send"}, Channels: []string{"here"}, Roles: []string{"system"}},
		packaging.Permission{Resource: "messages", Actions: []string{"read", "intercept"}})
	if got := d.ask(bridge.OpSend, 0, args("x", "there", "", "", "", nil)); got.Err == nil || got.Err.Name != bridge.PermissionErrorName {
		t.Errorf("a foreign channel: %+v", got)
	}
	for _, role := range []string{"user", "system", "root", ""} {
		if got := d.ask(bridge.OpSend, 0, args(role, "here", "", "", role, js(`{"plugin":"dog"}`))); got.Err != nil {
			t.Errorf("%s: %v", role, got.Err)
		}
	}
	d.Serve(bridge.Request{Op: bridge.OpIntercept, Args: args(1, 0, "reject")}, nil)
	d.settle()
	var got []string
	for _, m := range d.square.sent {
		got = append(got, fmt.Sprint(m.Content, "=", m.Role, " ", m.Author.ID, " ", m.Metadata["plugin"]))
	}
	want := []string{"user=assistant plugin:cat cat", "system=system plugin:cat cat", "root=assistant plugin:cat cat", "=assistant plugin:cat cat"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("sent %q, want %q", got, want)
	}
	if told := d.square.told(); len(told) != 1 || !strings.Contains(told[0], "failClosed") {
		t.Errorf("told %q", told)
	}
}
