package innkeeper

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/storage"
)

// Load runs the plugins at the given paths, folders or package files, in this
// process only: nothing is remembered. Dependencies among them are loaded first.
// A plugin that fails does not keep the others from running; the error joins all
// failures. One whose initialize fails is known afterwards, in StateError, so
// that Reload can try again.
func (h *Host) Load(ctx context.Context, paths ...string) error {
	if err := h.unlessClosed("load"); err != nil {
		return err
	}
	var errs []error
	var candidates []candidate
	for _, path := range paths {
		c := candidate{source: source{origin: originLocal, path: path}}
		var err error
		if c.pkg, c.warnings, err = c.source.read(h.options.PackageLimits); err != nil {
			errs = append(errs, err)
			continue
		}
		candidates = append(candidates, c)
	}
	for _, f := range h.loadAll(ctx, candidates) {
		errs = append(errs, f.err)
	}
	return errors.Join(errs...)
}

// LoadPackage is Load for a package in memory.
func (h *Host) LoadPackage(ctx context.Context, pkg *packaging.Package) error {
	if err := h.unlessClosed("load " + pkg.Manifest.Name); err != nil {
		return err
	}
	if failures := h.loadAll(ctx, []candidate{{source: source{origin: originLocal}, pkg: pkg}}); len(failures) > 0 {
		return failures[0].err
	}
	return nil
}

// unlessClosed is ErrClosed, with what was attempted, once Close was called.
func (h *Host) unlessClosed(attempted string) error {
	if h.closing.Err() != nil {
		return fmt.Errorf("%s: %w", attempted, ErrClosed)
	}
	return nil
}

// loadAll loads the candidates, dependencies first, and returns those that failed.
func (h *Host) loadAll(ctx context.Context, candidates []candidate) []failure {
	inOrder, failures := h.sorted(candidates)
	origins, err := h.origins(ctx)
	for _, c := range inOrder {
		name := c.pkg.Manifest.Name
		if err != nil {
			failures = append(failures, failure{name, fmt.Errorf("load %s: %w", name, err)})
		} else if err := h.load(ctx, c, origins); err != nil {
			failures = append(failures, failure{name, err})
		}
	}
	return failures
}

// origins are those of the installed plugins, by name. They are read once for all
// that are loaded together: for each anew, the start of many would take the square
// of their number.
func (h *Host) origins(ctx context.Context) (map[string]string, error) {
	rows, err := h.store.ListPlugins(ctx)
	if err != nil {
		return nil, err
	}
	origins := make(map[string]string, len(rows))
	for _, row := range rows {
		origins[row.Name] = row.Origin
	}
	return origins, nil
}

// load builds a candidate and runs it. A name that an installed plugin of another
// origin has is refused.
func (h *Host) load(ctx context.Context, c candidate, origins map[string]string) error {
	m := c.pkg.Manifest
	if err := h.checkNeeds(m); err != nil {
		return fmt.Errorf("load %s: %w", m.Name, err)
	}
	if have, ok := origins[m.Name]; ok && have != c.source.origin {
		return fmt.Errorf("load %s: %w", m.Name, &storage.OriginError{Name: m.Name, Have: have, Want: c.source.origin})
	}
	r, err := h.build(ctx, c.pkg, c.warnings)
	if err != nil {
		return err
	}
	p := &plugin{name: m.Name, identity: storage.NewIdentity(c.source.origin, m.Name), source: c.source, state: StateInstalled, wanted: true}
	p.ops.Lock()
	defer p.ops.Unlock()
	if err := h.add(p); err != nil {
		return fmt.Errorf("load %s: %w", m.Name, err)
	}
	return h.start(ctx, p, r)
}

// UnloadOptions say how Unload treats others.
type UnloadOptions struct {
	// WithDependents unloads what needs the plugin too, dependents first.
	WithDependents bool
}

// Unload stops a plugin and forgets it in this process; what it stored stays, and
// so does what is installed. Where others need it the error is a
// *DependentsError, unless they are to be unloaded with it.
func (h *Host) Unload(ctx context.Context, name string, o UnloadOptions) error {
	p := h.find(name)
	if p == nil {
		return fmt.Errorf("unload %s: %w", name, ErrUnknownPlugin)
	}
	dependents := h.dependents(name)
	if len(dependents) > 0 && !o.WithDependents {
		return &DependentsError{name, dependents}
	}
	var errs []error
	for _, d := range dependents {
		if q := h.find(d); q != nil {
			errs = append(errs, h.unload(ctx, q))
		}
	}
	return errors.Join(append(errs, h.unload(ctx, p))...)
}

func (h *Host) unload(ctx context.Context, p *plugin) error {
	p.ops.Lock()
	defer p.ops.Unlock()
	err := h.haltLocked(ctx, p, StateStopped, "unloaded")
	h.drop(p)
	return err
}

// haltAll stops all plugins at once, each after those that need it.
func (h *Host) haltAll(ctx context.Context) error {
	plugins := h.all()
	stopped := map[string]chan struct{}{}
	neededBy := map[string][]string{}
	for _, p := range plugins {
		stopped[p.name] = make(chan struct{})
		if live := p.current(); live != nil {
			for need := range live.recipe.pkg.Manifest.Dependencies {
				neededBy[need] = append(neededBy[need], p.name)
			}
		}
	}
	errs := make([]error, len(plugins))
	var all sync.WaitGroup
	for i, p := range plugins {
		all.Go(func() {
			defer close(stopped[p.name])
			for _, dependent := range neededBy[p.name] {
				<-stopped[dependent]
			}
			errs[i] = h.halt(ctx, p, StateStopped, "the host was closed")
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// Reload builds a plugin anew from where it came from and puts a new generation
// in the place of the old one, which handles everything until then. Where the
// new one cannot be built or its initialize fails, the old one stays, and the
// error says why.
func (h *Host) Reload(ctx context.Context, name string) error {
	p := h.find(name)
	if p == nil {
		return fmt.Errorf("reload %s: %w", name, ErrUnknownPlugin)
	}
	p.ops.Lock()
	defer p.ops.Unlock()
	p.mu.Lock()
	from, last, wanted := p.source, p.recipe, p.wanted
	p.mu.Unlock()
	switch {
	case h.closing.Err() != nil:
		return fmt.Errorf("reload %s: %w", name, ErrClosed)
	case h.find(name) != p: // it was unloaded while this waited for its turn
		return fmt.Errorf("reload %s: %w", name, ErrUnknownPlugin)
	case !wanted:
		return fmt.Errorf("reload %s: %w: it is disabled; enable it", name, ErrNotActive)
	}
	pkg, warnings := last.pkg, last.warnings
	if from.path != "" {
		var err error
		if from, err = h.newest(ctx, p.identity, from); err != nil {
			return fmt.Errorf("reload %s: %w", name, err)
		}
		if pkg, warnings, err = from.read(h.options.PackageLimits); err != nil {
			return fmt.Errorf("reload %s: %w", name, err)
		}
	}
	if pkg.Manifest.Name != name {
		return fmt.Errorf("reload %s: the manifest's name is %s now; unload it and load it anew", name, pkg.Manifest.Name)
	}
	if err := h.checkNeeds(pkg.Manifest); err != nil {
		return fmt.Errorf("reload %s: %w", name, err)
	}
	if err := h.checkDependents(pkg.Manifest); err != nil {
		return fmt.Errorf("reload %s: %w", name, err)
	}
	r, err := h.build(ctx, pkg, warnings)
	if err != nil {
		return fmt.Errorf("reload %s: %w", name, err)
	}
	p.mu.Lock()
	p.source = from
	p.mu.Unlock()
	if p.current() == nil {
		return h.start(ctx, p, r)
	}
	return h.replace(ctx, p, r)
}

// replace swaps the live generation for one of r. The caller holds p.ops.
func (h *Host) replace(ctx context.Context, p *plugin, r *recipe) error {
	next, err := h.begin(ctx, p, r)
	if err != nil {
		return fmt.Errorf("reload: %w", err)
	}
	old := h.goLive(p, next)
	h.setState(p, StateActive, "reloaded", nil)
	h.observe(Event{Type: EventReloaded, Plugin: p.name})
	if old == nil {
		return nil
	}
	old.Finish(ctx)
	return old.Close(ctx, true)
}
