// Package consent puts what a plugin asks for into words.
//
// The vocabulary:
//
//   - Ask: one grant that a manifest asks for, with what it means, why the plugin
//     wants it, and what narrows it.
//
// It must never grant anything, and must not know where the words are shown.
package consent

import (
	"fmt"
	"io"
	"strings"

	"github.com/innkeeper-host/innkeeper/internal/visible"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// Ask is one thing that a plugin asks for. Its texts are safe to show.
type Ask struct {
	Grant    string `json:"grant"`              // "messages:send"
	Means    string `json:"means"`              // the same in plain words
	Limits   string `json:"limits,omitempty"`   // what narrows or widens it, in plain words
	Reason   string `json:"reason,omitempty"`   // the plugin's own words
	Optional bool   `json:"optional,omitempty"` // it runs without
	Later    bool   `json:"later,omitempty"`    // this innkeeper does not have it yet
}

// Asks lists what a manifest asks for, in its order.
func Asks(m *packaging.Manifest) []Ask {
	later := map[packaging.Grant]bool{}
	for _, a := range packaging.Abilities() {
		later[packaging.Grant{Resource: a.Resource, Action: a.Action}] = a.Later
	}
	out := []Ask{}
	for _, p := range m.Permissions {
		for _, action := range p.Actions {
			g := packaging.Grant{Resource: p.Resource, Action: action}
			out = append(out, Ask{
				Grant: visible.Line(g.String()), Means: visible.Line(packaging.Describe(p.Resource, action)),
				Limits: visible.Line(limits(p, action)), Reason: visible.Line(p.Reason), Optional: p.Optional, Later: later[g],
			})
		}
	}
	return out
}

// Granted keeps of the asks what was granted.
func Granted(asks []Ask, grants []string) []Ask {
	have := map[string]bool{}
	for _, g := range grants {
		have[visible.Line(g)] = true
	}
	out := []Ask{}
	for _, a := range asks {
		if have[a.Grant] {
			out = append(out, a)
		}
	}
	return out
}

// limits says what a permission's constraints mean for one of its actions.
func limits(p packaging.Permission, action string) string {
	var words []string
	if len(p.Channels) > 0 {
		words = append(words, "only in "+strings.Join(p.Channels, ", "))
	}
	if p.Resource == "network" {
		if len(p.Hosts) == 0 {
			words = append(words, "no host at all: it lists none")
		} else {
			words = append(words, "only "+strings.Join(p.Hosts, ", "))
		}
	}
	if action == "send" && len(p.Roles) > 0 {
		words = append(words, "also in the role of "+strings.Join(p.Roles, ", "))
	}
	if action == "intercept" && p.FailClosed {
		words = append(words, "and stop every message while it cannot look at it")
	}
	return strings.Join(words, "; ")
}

// Write prints asks as a list, and each reason once, below what it is for.
func Write(w io.Writer, asks []Ask) error {
	for i, a := range asks {
		line := fmt.Sprintf("  - %s (%s)", a.Means, a.Grant)
		if a.Limits != "" {
			line += ", " + a.Limits
		}
		if a.Optional {
			line += "; it also works without"
		}
		if a.Later {
			line += "; this innkeeper does not have it yet"
		}
		if a.Reason != "" && (i+1 == len(asks) || asks[i+1].Reason != a.Reason) {
			line += "\n      Why: " + a.Reason
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
