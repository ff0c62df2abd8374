package innkeeper

import (
	"context"
	"path/filepath"
	"slices"
)

// notLoaded are the plugins that are installed and not among the loaded: what an
// operator can enable.
func (h *Host) notLoaded(loaded []*plugin) []Plugin {
	if h.closing.Err() != nil {
		return nil
	}
	rows, err := h.store.ListPlugins(context.Background())
	if err != nil {
		if h.closing.Err() == nil {
			h.logger.Error("the installed plugins cannot be listed", "error", err)
		}
		return nil
	}
	var out []Plugin
	for _, row := range rows {
		if slices.ContainsFunc(loaded, func(p *plugin) bool { return p.name == row.Name }) {
			continue
		}
		info := Plugin{
			Name: row.Name, Version: row.Version, Origin: row.Origin, Path: filepath.Join(h.dir.Packages(), row.Package),
			State: StateInstalled, Wanted: row.Enabled, Since: row.UpdatedAt, Grants: []string{},
		}
		if err := h.whyUnstarted(row.Name); err != nil {
			info.State, info.Reason, info.Err = StateError, err.Error(), err
		}
		if !row.Enabled {
			info.State, info.Reason, info.Err = StateDisabled, "by the operator", nil
		}
		out = append(out, info)
	}
	return out
}

// noteUnstarted remembers why an installed plugin could not be loaded; nil
// forgets it.
func (h *Host) noteUnstarted(name string, err error) {
	h.change.Lock()
	defer h.change.Unlock()
	if err == nil {
		delete(h.unstarted, name)
		return
	}
	h.unstarted[name] = err
}

func (h *Host) whyUnstarted(name string) error {
	h.change.Lock()
	defer h.change.Unlock()
	return h.unstarted[name]
}
