package innkeeper

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/innkeeper-host/innkeeper/packaging"
)

// Policy says what plugins are granted of what they ask for. The zero Policy
// grants nothing: then only plugins that ask for nothing can run.
type Policy struct {
	// GrantDeclared grants every plugin what its manifest declares.
	GrantDeclared bool
	// Grant lists what is granted, by plugin name; "*" stands for every plugin.
	// A grant is "resource:action", or "resource:*". New refuses one that does
	// not exist.
	Grant map[string][]string
	// Deny lists what is granted to nobody, whatever the others say.
	Deny []string
}

// check refuses words that name nothing: a misspelt one in Deny would deny
// nothing.
func (p Policy) check() error {
	for _, w := range slices.Concat(append(slices.Collect(maps.Values(p.Grant)), p.Deny)...) {
		if err := checkWord(w); err != nil {
			return err
		}
	}
	return nil
}

func checkWord(word string) error {
	resource, all := strings.CutSuffix(word, ":*")
	if !all {
		_, err := packaging.ParseGrant(word)
		return err
	}
	if strings.HasPrefix(resource, "provided:") || slices.ContainsFunc(packaging.Abilities(), func(a packaging.Ability) bool { return a.Resource == resource }) {
		return nil
	}
	return fmt.Errorf("read grant %q: there is no resource %q; wanted one such as messages:*", word, resource)
}

// decide holds what a manifest asks against the policy. refused are those that
// are not granted and not optional; skipped the optional ones.
func (p Policy) decide(m *packaging.Manifest) (granted packaging.Grants, refused, skipped []packaging.Grant) {
	granted = packaging.GrantsOf(m.Permissions).Only(func(g packaging.Grant) bool { return p.allows(m.Name, g) })
	seen := map[packaging.Grant]bool{}
	for _, permission := range m.Permissions {
		for _, action := range permission.Actions {
			g := packaging.Grant{Resource: permission.Resource, Action: action}
			switch {
			case seen[g] || granted.Allows(g.Resource, g.Action):
			case permission.Optional:
				skipped = append(skipped, g)
			default:
				refused = append(refused, g)
			}
			seen[g] = true
		}
	}
	return granted, refused, skipped
}

func (p Policy) allows(plugin string, g packaging.Grant) bool {
	if strings.HasPrefix(g.Resource, "provided:") {
		return false // this server provides no functions of its own
	}
	if listed(p.Deny, g) {
		return false
	}
	return p.GrantDeclared || listed(p.Grant[plugin], g) || listed(p.Grant["*"], g)
}

func listed(words []string, g packaging.Grant) bool {
	for _, w := range words {
		if w == g.String() || w == g.Resource+":*" {
			return true
		}
	}
	return false
}
