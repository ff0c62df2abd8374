package packaging

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Grant is one thing that a plugin may do. It is comparable.
type Grant struct{ Resource, Action string }

// String is the form "messages:send", which errors and policies use.
func (g Grant) String() string { return g.Resource + ":" + g.Action }

// ParseGrant reads the form of Grant.String. The error names what was wrong
// and the nearest known name.
func ParseGrant(s string) (Grant, error) {
	at := strings.LastIndexByte(s, ':') // "provided:NAME:action" has two
	if at < 0 {
		return Grant{}, fmt.Errorf("read grant %s: wanted RESOURCE:ACTION, such as messages:send", clip(s))
	}
	g := Grant{Resource: s[:at], Action: s[at+1:]}
	if wanted := wrongResource(g.Resource); wanted != "" {
		return Grant{}, fmt.Errorf("read grant %s: the resource %s is not known; wanted %s", clip(s), clip(g.Resource), wanted)
	}
	if wanted := wrongAction(g.Resource, g.Action); wanted != "" {
		return Grant{}, fmt.Errorf("read grant %s: %s has no action %s; wanted %s", clip(s), clip(g.Resource), clip(g.Action), wanted)
	}
	return g, nil
}

// Constraints narrow a grant. They are those of all permissions that give it,
// put together: what one of them allows is allowed.
type Constraints struct {
	Hosts      []string // network: the only hosts; none means none
	Channels   []string // messages: the only channels; none means all
	Roles      []string // messages: roles beside "assistant" that it may send as
	FailClosed bool     // messages: its interceptor may refuse by failing
}

// Grants is a set of grants with their constraints. It never changes, so it
// may be shared and swapped; the zero value grants nothing.
type Grants struct{ by map[Grant]Constraints }

// GrantsOf is all that the permissions ask for, optional ones included.
func GrantsOf(permissions []Permission) Grants {
	by := map[Grant]Constraints{}
	for _, p := range permissions {
		for _, action := range p.Actions {
			g := Grant{p.Resource, action}
			c := Constraints{Hosts: p.Hosts, Channels: p.Channels, Roles: p.Roles, FailClosed: p.FailClosed}
			if before, twice := by[g]; twice {
				c = joinConstraints(before, c)
			}
			by[g] = c
		}
	}
	return Grants{by}
}

func joinConstraints(a, b Constraints) Constraints {
	joined := Constraints{
		Hosts:      union(a.Hosts, b.Hosts),
		Roles:      union(a.Roles, b.Roles),
		FailClosed: a.FailClosed || b.FailClosed,
	}
	if len(a.Channels) > 0 && len(b.Channels) > 0 {
		joined.Channels = union(a.Channels, b.Channels)
	}
	return joined
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// Allows reports whether the set holds resource:action.
func (s Grants) Allows(resource, action string) bool {
	_, ok := s.by[Grant{resource, action}]
	return ok
}

// Constraints gives the constraints of a grant; false where it is not in the
// set. What it returns is not to be changed.
func (s Grants) Constraints(resource, action string) (Constraints, bool) {
	c, ok := s.by[Grant{resource, action}]
	return c, ok
}

// All lists the grants, sorted.
func (s Grants) All() []Grant {
	return slices.SortedFunc(maps.Keys(s.by), func(a, b Grant) int {
		return strings.Compare(a.String(), b.String())
	})
}

// Only is the part of the set that keep accepts.
func (s Grants) Only(keep func(Grant) bool) Grants {
	by := map[Grant]Constraints{}
	for g, c := range s.by {
		if keep(g) {
			by[g] = c
		}
	}
	return Grants{by}
}

// Words lists the grants in the form of Grant.String, sorted; never nil.
func (s Grants) Words() []string {
	words := make([]string, 0, len(s.by))
	for _, g := range s.All() {
		words = append(words, g.String())
	}
	return words
}
