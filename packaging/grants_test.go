package packaging

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestGrantsAllowWhatWasAskedAndNothingElse(t *testing.T) {
	g := GrantsOf([]Permission{{Resource: "messages", Actions: []string{"read", "send"}}, {Resource: "provided:crm", Actions: []string{"look"}, Optional: true}})
	for _, a := range Abilities() {
		want := a.Resource == "messages" && (a.Action == "read" || a.Action == "send")
		if g.Allows(a.Resource, a.Action) != want {
			t.Errorf("allows %s:%s: %v", a.Resource, a.Action, !want)
		}
	}
	if !g.Allows("provided:crm", "look") || g.Allows("provided:crm", "other") || (Grants{}).Allows("messages", "read") {
		t.Error("the set is not what was asked for")
	}
	if got := g.Words(); !slices.Equal(got, []string{"messages:read", "messages:send", "provided:crm:look"}) {
		t.Errorf("the set is %q", got)
	}
	if got := g.Only(func(g Grant) bool { return g.Action == "send" }).Words(); !slices.Equal(got, []string{"messages:send"}) {
		t.Errorf("only one: %q", got)
	}
	if got := (Grants{}).Words(); got == nil || len(got) != 0 {
		t.Errorf("the empty set is %#v", got)
	}
}

func TestGrantsJoinTheConstraintsOfSeveralPermissions(t *testing.T) {
	g := GrantsOf([]Permission{
		{Resource: "network", Actions: []string{"fetch"}, Hosts: []string{"b.example", "a.example"}},
		{Resource: "network", Actions: []string{"fetch"}, Hosts: []string{"c.example", "a.example"}},
		{Resource: "messages", Actions: []string{"read", "send"}, Channels: []string{"general"}, Roles: []string{"user"}},
		{Resource: "messages", Actions: []string{"read"}},
		{Resource: "messages", Actions: []string{"send"}, Channels: []string{"help"}, Roles: []string{"system"}, FailClosed: true},
	})
	for grant, want := range map[Grant]Constraints{
		{"network", "fetch"}: {Hosts: []string{"a.example", "b.example", "c.example"}},
		{"messages", "read"}: {Roles: []string{"user"}}, // one of the two is about all channels
		{"messages", "send"}: {Channels: []string{"general", "help"}, Roles: []string{"system", "user"}, FailClosed: true},
	} {
		got, ok := g.Constraints(grant.Resource, grant.Action)
		if !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %+v; want %+v", grant, got, want)
		}
	}
	if _, ok := g.Constraints("messages", "moderate"); ok {
		t.Error("constraints of what was not granted")
	}
}

func TestParseGrantReadsWhatStringWrites(t *testing.T) {
	for _, a := range append(Abilities(), Ability{Resource: "provided:crm", Action: "look"}) {
		want := Grant{a.Resource, a.Action}
		if got, err := ParseGrant(want.String()); err != nil || got != want {
			t.Errorf("%s: %v, %v", want, got, err)
		}
	}
	for s, hint := range map[string]string{
		"messages": "RESOURCE:ACTION", "": "RESOURCE:ACTION", "mesages:read": `did you mean "messages"?`, "messages:sned": `did you mean "send"?`,
		"provided::x": "provided:NAME", "provided:crm:": "letters", "messages:read\x1b[2J": `\x1b`,
	} {
		if _, err := ParseGrant(s); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("%q: %v; want an error with %q", s, err, hint)
		}
	}
}

func TestEveryAbilityHasASentence(t *testing.T) {
	seen := map[Grant]bool{}
	for _, a := range Abilities() {
		if seen[Grant{a.Resource, a.Action}] {
			t.Errorf("%s:%s stands there twice", a.Resource, a.Action)
		}
		seen[Grant{a.Resource, a.Action}] = true
		if a.Sentence == "" || Describe(a.Resource, a.Action) != a.Sentence {
			t.Errorf("%s:%s is described as %q", a.Resource, a.Action, Describe(a.Resource, a.Action))
		}
	}
	if got := Describe("messages", "send"); got != "Send messages in the chat" {
		t.Errorf("messages:send is %q", got)
	}
	if Describe("provided:crm", "look") == "" || Describe("messages", "other") != "" || Describe("other", "read") != "" {
		t.Error("described what is not there, or not what is provided")
	}
}

// The table of the contract, with what is not built yet.
func TestAbilitiesAreThoseOfTheContract(t *testing.T) {
	var now, later []string
	for _, a := range Abilities() {
		if g := (Grant{a.Resource, a.Action}).String(); a.Later {
			later = append(later, g)
		} else {
			now = append(now, g)
		}
	}
	wantNow := strings.Fields("app:read messages:read messages:send messages:intercept storage:read storage:write events:listen ui:components ui:menu settings:read settings:write commands:register schedule:register")
	wantLater := strings.Fields("messages:history messages:moderate ui:prompt network:fetch users:read channels:read tools:register tools:call model:complete http:serve plugins:call")
	if !reflect.DeepEqual(now, wantNow) || !reflect.DeepEqual(later, wantLater) {
		t.Errorf("now %q\nlater %q", now, later)
	}
}
