package innkeeper

import (
	"fmt"
	"slices"

	"github.com/innkeeper-host/innkeeper/internal/order"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// nodes are the plugins that are active, for dependencies.
func (h *Host) nodes() []order.Node {
	var out []order.Node
	for _, p := range h.all() {
		if live := p.current(); live != nil {
			out = append(out, node(live.recipe.pkg.Manifest))
		}
	}
	return out
}

// checkNeeds reports a dependency that no active plugin meets, or that would
// close a circle: m may come in the place of a version that needed less.
func (h *Host) checkNeeds(m *packaging.Manifest) error {
	if len(m.Dependencies) == 0 {
		return nil
	}
	others := slices.DeleteFunc(h.nodes(), func(n order.Node) bool { return n.Name == m.Name })
	_, failed := order.Of(append(others, node(m)), nil)
	return failed[m.Name]
}

// checkDependents reports an active plugin that needs another version of m than
// the one that is to take its place.
func (h *Host) checkDependents(m *packaging.Manifest) error {
	for _, n := range h.nodes() {
		if want, needs := n.Needs[m.Name]; needs {
			if err := order.Satisfies(n.Name, m.Name, want, m.Version); err != nil {
				return err
			}
		}
	}
	return nil
}

func node(m *packaging.Manifest) order.Node {
	return order.Node{Name: m.Name, Version: m.Version, Needs: m.Dependencies}
}

// failure is why a plugin was not loaded.
type failure struct {
	name string
	err  error
}

// sorted puts candidates into starting order; those whose dependencies cannot be
// met are left out and their errors returned.
func (h *Host) sorted(candidates []candidate) ([]candidate, []failure) {
	byName := map[string]candidate{}
	var nodes []order.Node
	var failures []failure
	for _, c := range candidates {
		m := c.pkg.Manifest
		if other, ok := byName[m.Name]; ok {
			failures = append(failures, failure{m.Name, fmt.Errorf("load %s: %s and %s are both %s: %w", m.Name, other.source.path, c.source.path, m.Name, ErrLoaded)})
			continue
		}
		byName[m.Name] = c
		nodes = append(nodes, node(m))
	}
	var there map[string]string
	if slices.ContainsFunc(nodes, func(n order.Node) bool { return len(n.Needs) > 0 }) {
		there = map[string]string{}
		for _, n := range h.nodes() {
			there[n.Name] = n.Version
		}
	}
	inOrder, failed := order.Of(nodes, there)
	for _, n := range nodes {
		if err := failed[n.Name]; err != nil {
			failures = append(failures, failure{n.Name, fmt.Errorf("load %s: %w", n.Name, err)})
		}
	}
	out := make([]candidate, len(inOrder))
	for i, n := range inOrder {
		out[i] = byName[n.Name]
	}
	return out, failures
}

// dependents are the active plugins that need name, directly or through others,
// dependents of dependents first.
func (h *Host) dependents(name string) []string {
	var out []string
	for _, p := range slices.Backward(h.startingOrder()) {
		live := p.current()
		if live == nil || p.name == name {
			continue
		}
		for need := range live.recipe.pkg.Manifest.Dependencies {
			if need == name {
				for _, d := range h.dependents(p.name) {
					if !slices.Contains(out, d) {
						out = append(out, d)
					}
				}
				if !slices.Contains(out, p.name) {
					out = append(out, p.name)
				}
			}
		}
	}
	return out
}

// startingOrder is all plugins, dependencies first: backwards, dependents come first.
func (h *Host) startingOrder() []*plugin {
	var nodes []order.Node
	byName := map[string]*plugin{}
	for _, p := range h.all() {
		byName[p.name] = p
		n := order.Node{Name: p.name, Version: "0.0.0"}
		if live := p.current(); live != nil {
			n = node(live.recipe.pkg.Manifest)
		}
		nodes = append(nodes, n)
	}
	inOrder, failed := order.Of(nodes, nil)
	var out []*plugin
	for _, n := range nodes {
		if failed[n.Name] != nil { // what it needed is gone already
			out = append(out, byName[n.Name])
		}
	}
	for _, n := range inOrder {
		out = append(out, byName[n.Name])
	}
	return out
}
