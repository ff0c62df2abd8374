package innkeeper

import (
	"context"
	"fmt"

	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

// recipe is what generations of one build are made of.
type recipe struct {
	pkg        *packaging.Package
	bundle     *bundle.Bundle
	activation *packaging.Activation
	granted    packaging.Grants
	skipped    []packaging.Grant
	warnings   []packaging.Warning
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
