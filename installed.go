package innkeeper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/innkeeper-host/innkeeper/internal/atomicfile"
	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/storage"
)

// Start runs what is installed and wanted. Like Load it does what it can, and
// joins the errors of the rest.
func (h *Host) Start(ctx context.Context) error {
	return h.startWanted(ctx, func(string) bool { return true })
}

// startWanted starts those of the installed and wanted plugins that are meant.
func (h *Host) startWanted(ctx context.Context, meant func(name string) bool) error {
	if err := h.unlessClosed("start"); err != nil {
		return err
	}
	rows, err := h.store.ListPlugins(ctx)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	var failures []failure
	var candidates []candidate
	for _, row := range rows {
		if !row.Enabled || !meant(row.Name) || h.find(row.Name) != nil {
			continue
		}
		c := candidate{source: source{row.Origin, filepath.Join(h.dir.Packages(), row.Package)}}
		if c.pkg, c.warnings, err = c.source.read(h.options.PackageLimits); err != nil {
			failures = append(failures, failure{row.Name, fmt.Errorf("start %s: %w", row.Name, err)})
			continue
		}
		candidates = append(candidates, c)
	}
	failures = append(failures, h.loadAll(ctx, candidates)...)
	errs := make([]error, len(failures))
	for i, f := range failures {
		errs[i] = f.err
		h.noteUnstarted(f.name, f.err)
	}
	return errors.Join(errs...)
}

// Install keeps a copy of the plugin at path in the data directory and marks it
// wanted: Start, also of a later process, runs it. It does not run it now. A
// version that is installed already is replaced; what it stored stays.
func (h *Host) Install(ctx context.Context, path string) (Plugin, error) {
	if err := h.unlessClosed("install"); err != nil {
		return Plugin{}, err
	}
	from := source{originLocal, path}
	pkg, warnings, err := from.read(h.options.PackageLimits)
	if err != nil {
		return Plugin{}, fmt.Errorf("install: %w", err)
	}
	m := pkg.Manifest
	if _, err := h.build(ctx, pkg, nil); err != nil {
		return Plugin{}, fmt.Errorf("install %s: %w", m.Name, err)
	}
	data, err := pkg.Encode()
	if err != nil {
		return Plugin{}, fmt.Errorf("install %s: %w", m.Name, err)
	}
	now := h.clock.Now()
	row := storage.Plugin{
		Origin: originLocal, Name: m.Name, Version: m.Version, Digest: pkg.Digest(), Package: packaging.FileName(m),
		Enabled: true, InstalledAt: now, UpdatedAt: now,
	}
	was, err := h.store.GetPlugin(ctx, row.Identity())
	switch {
	case err == nil:
		row.InstalledAt = was.InstalledAt
	case !errors.Is(err, storage.ErrNotFound):
		return Plugin{}, fmt.Errorf("install %s: %w", m.Name, err)
	}
	// The file first, then the row that names it: a kill in between leaves a
	// file that nothing names, never a row without its file.
	if err := atomicfile.Write(filepath.Join(h.dir.Packages(), row.Package), data, 0o600); err != nil {
		return Plugin{}, fmt.Errorf("install %s: %w", m.Name, err)
	}
	if err := h.store.PutPlugin(ctx, row); err != nil {
		return Plugin{}, fmt.Errorf("install %s: %w", m.Name, err)
	}
	h.noteUnstarted(m.Name, nil)
	if was.Package != "" && was.Package != row.Package {
		if err := os.Remove(filepath.Join(h.dir.Packages(), was.Package)); err != nil && !errors.Is(err, os.ErrNotExist) {
			h.logger.Warn("the package of the version before was not removed", "plugin", m.Name, "error", err)
		}
	}
	return Plugin{
		Name: m.Name, Version: m.Version, Origin: originLocal, State: StateInstalled, Wanted: true, Since: now,
		Grants: []string{}, Warnings: warnings, Manifest: m,
	}, nil
}

// Enable marks a plugin wanted and runs it where it does not run.
func (h *Host) Enable(ctx context.Context, name string) error {
	if err := h.want(ctx, name, true); err != nil {
		return fmt.Errorf("enable %s: %w", name, err)
	}
	if p := h.find(name); p != nil {
		if p.current() != nil {
			return nil
		}
		return h.Reload(ctx, name)
	}
	return h.startWanted(ctx, func(meant string) bool { return meant == name })
}

// Disable stops a plugin and marks it unwanted: it stays stopped, also after a
// restart of the server, until Enable. Where others need it the error is a
// *DependentsError.
func (h *Host) Disable(ctx context.Context, name string) error {
	if dependents := h.dependents(name); len(dependents) > 0 {
		return &DependentsError{name, dependents}
	}
	if err := h.want(ctx, name, false); err != nil {
		return fmt.Errorf("disable %s: %w", name, err)
	}
	if p := h.find(name); p != nil {
		return h.halt(ctx, p, StateDisabled, "by the operator")
	}
	return nil
}

// want remembers what the operator wants: in the store where the plugin is
// installed, and in this process where it is loaded.
func (h *Host) want(ctx context.Context, name string, wanted bool) error {
	if h.closing.Err() != nil {
		return ErrClosed
	}
	rows, err := h.store.ListPlugins(ctx)
	if err != nil {
		return err
	}
	known := false
	for _, row := range rows {
		if row.Name != name {
			continue
		}
		known = true
		row.Enabled, row.UpdatedAt = wanted, h.clock.Now()
		if err := h.store.PutPlugin(ctx, row); err != nil {
			return err
		}
	}
	if p := h.find(name); p != nil {
		known = true
		p.mu.Lock()
		p.wanted = wanted
		p.mu.Unlock()
	}
	if !known {
		return ErrUnknownPlugin
	}
	return nil
}

// newest is where the package of a plugin lies now: another version may have
// been installed since it was started.
func (h *Host) newest(ctx context.Context, id storage.Identity, from source) (source, error) {
	if filepath.Dir(from.path) != filepath.Clean(h.dir.Packages()) {
		return from, nil
	}
	row, err := h.store.GetPlugin(ctx, id)
	if err != nil {
		return from, err
	}
	from.path = filepath.Join(h.dir.Packages(), row.Package)
	return from, nil
}
