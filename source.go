package innkeeper

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/innkeeper-host/innkeeper/internal/order"
	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

// source is where a plugin's package comes from.
type source struct {
	origin string
	path   string // a folder or a package file
}

// originLocal is the origin of what an operator named by path.
const originLocal = "local"

// read makes the package of what lies at the path now.
func (s source) read(l packaging.Limits) (*packaging.Package, []packaging.Warning, error) {
	return bundle.Open(s.path, bundle.PackOptions{Limits: l})
}

// build holds a package against policy and API, and bundles it.
func (h *Host) build(ctx context.Context, pkg *packaging.Package, warnings []packaging.Warning) (*recipe, error) {
	m := pkg.Manifest
	if err := packaging.CheckEngines(m); err != nil {
		return nil, err
	}
	r := &recipe{pkg: pkg, warnings: warnings}
	granted, refused, skipped := h.options.Policy.decide(m)
	if len(refused) > 0 {
		return nil, &PermissionError{m.Name, refused}
	}
	r.granted, r.skipped = granted, skipped
	var err error
	if r.activation, err = packaging.ParseActivation(m.Activation); err != nil {
		return nil, fmt.Errorf("load %s: %w", m.Name, err)
	}
	if r.bundle, err = h.bundles.Build(ctx, pkg); err != nil {
		return nil, fmt.Errorf("build %s: %w", m.Name, err)
	}
	return r, nil
}

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

// candidate is a package that was read and is to be loaded.
type candidate struct {
	source   source
	pkg      *packaging.Package
	warnings []packaging.Warning
}

// sorted puts candidates into starting order; those whose dependencies cannot be
// met are left out and their errors returned.
func (h *Host) sorted(candidates []candidate) ([]candidate, error) {
	byName := map[string]candidate{}
	var nodes []order.Node
	var errs []error
	for _, c := range candidates {
		m := c.pkg.Manifest
		if other, ok := byName[m.Name]; ok {
			errs = append(errs, fmt.Errorf("load %s: %s and %s are both %s: %w", m.Name, other.source.path, c.source.path, m.Name, ErrLoaded))
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
			errs = append(errs, fmt.Errorf("load %s: %w", n.Name, err))
		}
	}
	out := make([]candidate, len(inOrder))
	for i, n := range inOrder {
		out[i] = byName[n.Name]
	}
	return out, errors.Join(errs...)
}
