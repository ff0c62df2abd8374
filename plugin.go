package innkeeper

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/innkeeper-host/innkeeper/bridge/host"
	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/storage"
)

// State is what is observed of a plugin; what the operator wants is Plugin.Wanted.
type State string

// The states of the contract's lifecycle.
const (
	StateInstalled    State = "installed"    // known, and not started yet
	StateInitializing State = "initializing" // initialize runs
	StateActive       State = "active"
	StateStopping     State = "stopping" // destroy runs
	StateStopped      State = "stopped"
	StateError        State = "error"    // Plugin.Reason says why
	StateDisabled     State = "disabled" // by the operator
)

// Plugin is what the host knows of a plugin at one moment.
type Plugin struct {
	Name     string              `json:"name"`
	Version  string              `json:"version"`
	Origin   string              `json:"origin"`
	Path     string              `json:"path,omitempty"` // what Load was given
	State    State               `json:"state"`
	Reason   string              `json:"reason,omitempty"`
	Err      error               `json:"-"` // what Reason says, where an error is behind it
	Wanted   bool                `json:"wanted"`
	Since    time.Time           `json:"since"`
	Grants   []string            `json:"grants"`
	Refused  []string            `json:"refused,omitempty"` // optional ones that were not granted
	Warnings []packaging.Warning `json:"warnings,omitempty"`
	Restarts int                 `json:"restarts"` // since it was loaded
	Jobs     []host.Job          `json:"jobs,omitempty"`
	Manifest *packaging.Manifest `json:"-"` // nil where it is not loaded; not to be changed
}

// plugin is one plugin of a host. CONTRIBUTING.md has the order of its locks.
type plugin struct {
	name     string
	identity storage.Identity

	// ops is held during a change of the lifecycle: one at a time.
	ops sync.Mutex

	// live is the generation that handles everything; nil where none does. Calls
	// hold gate for reading while they look it up and post; who replaces it holds
	// gate for writing, so that no call gets between the two.
	gate sync.RWMutex
	live atomic.Pointer[generation]

	mu       sync.Mutex // guards what follows
	source   source
	recipe   *recipe // what the next generation is made of; nil before the first build
	state    State
	reason   string
	err      error
	wanted   bool
	since    time.Time
	restarts int
	ends     []time.Time // when generations ended by themselves, lately
	// failClosed: its interceptor rejects in its absence.
	failClosed bool
}

// current is the live generation, or nil. It may be replaced at any time: what
// must not be lost goes through call.
func (p *plugin) current() *generation { return p.live.Load() }

// call makes a call to the plugin's live generation.
func (p *plugin) call(c host.Call) error {
	p.gate.RLock()
	defer p.gate.RUnlock()
	live := p.live.Load()
	if live == nil {
		return ErrNotActive
	}
	return live.Call(c)
}

func (h *Host) setState(p *plugin, s State, reason string, err error) {
	p.mu.Lock()
	p.state, p.reason, p.err, p.since = s, reason, err, h.clock.Now()
	p.mu.Unlock()
	h.observe(Event{Type: EventState, Plugin: p.name, State: s, Reason: reason, Err: err})
}

// Plugin tells of one plugin; ok is false where the host knows none of that name.
func (h *Host) Plugin(name string) (info Plugin, ok bool) {
	if p := h.find(name); p != nil {
		return p.info(), true
	}
	for _, info := range h.notLoaded(nil) {
		if info.Name == name {
			return info, true
		}
	}
	return Plugin{}, false
}

// Plugins tells of all plugins, by name: those that are loaded, and those that
// are installed and not loaded, which are StateInstalled, StateDisabled, or
// StateError where Start could not load them. The latter have no Manifest.
func (h *Host) Plugins() []Plugin {
	loaded := h.all()
	out := h.notLoaded(loaded)
	for _, p := range loaded {
		out = append(out, p.info())
	}
	slices.SortFunc(out, func(a, b Plugin) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (p *plugin) info() Plugin {
	live := p.current()
	var jobs []host.Job
	if live != nil {
		jobs = live.Jobs() // before p.mu, under which no other lock is taken
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	info := Plugin{
		Name: p.name, Origin: p.source.origin, Path: p.source.path, State: p.state, Reason: p.reason, Err: p.err,
		Wanted: p.wanted, Since: p.since, Restarts: p.restarts, Grants: []string{},
	}
	r := p.recipe
	if live != nil {
		r, info.Jobs = live.recipe, jobs // while a reload fails, the version that runs
	}
	if r == nil {
		return info
	}
	info.Manifest, info.Version, info.Warnings = r.pkg.Manifest, r.pkg.Manifest.Version, r.warnings
	info.Grants = r.granted.Words()
	for _, g := range r.skipped {
		info.Refused = append(info.Refused, g.String())
	}
	return info
}
