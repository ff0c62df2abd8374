package innkeeper

import (
	"cmp"
	"strings"
	"time"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/bridge/host"
	"github.com/innkeeper-host/innkeeper/storage"
)

// Limits bound what a plugin may use. A zero field means the default that is
// named behind it.
type Limits struct {
	Running    time.Duration // JavaScript executing for one entry: 5 s, at most 60 s
	Initialize time.Duration // initialize with its awaits: 10 s
	Destroy    time.Duration // destroy with its awaits: 5 s
	Intercept  time.Duration // one interceptor: 1 s
	Handler    time.Duration // every other handler with its awaits: 60 s

	Work     int     // calls waiting to start: 1,024
	Requests int     // host calls without an answer: 1,024
	Timers   int     // timers set: 1,000
	LogRate  float64 // log lines a second: 20
	Storage  int64   // bytes of stored keys and values: 10 MiB

	// Restarts within RestartWindow after which a plugin that keeps ending is
	// left in StateError: 5 in 60 s.
	Restarts      int
	RestartWindow time.Duration

	// Chain bounds all interceptors of one message together, 2 s, and Hops how
	// many plugins one chain of messages may pass, 8. They are the host's, and
	// mean nothing in Options.PluginLimits.
	Chain time.Duration
	Hops  int
}

var defaultLimits = Limits{Restarts: 5, RestartWindow: time.Minute, Chain: 2 * time.Second}

// over lays the limits that are set over others.
func (l Limits) over(base Limits) Limits {
	return Limits{
		Running: pick(l.Running, base.Running), Initialize: pick(l.Initialize, base.Initialize), Destroy: pick(l.Destroy, base.Destroy),
		Intercept: pick(l.Intercept, base.Intercept), Handler: pick(l.Handler, base.Handler),
		Work: pick(l.Work, base.Work), Requests: pick(l.Requests, base.Requests), Timers: pick(l.Timers, base.Timers),
		LogRate: pick(l.LogRate, base.LogRate), Storage: pick(l.Storage, base.Storage),
		Restarts: pick(l.Restarts, base.Restarts), RestartWindow: pick(l.RestartWindow, base.RestartWindow),
		Chain: pick(l.Chain, base.Chain), Hops: pick(l.Hops, base.Hops),
	}
}

// pick is the first of two that is set: above zero.
func pick[T cmp.Ordered](set, otherwise T) T {
	var zero T
	if set > zero {
		return set
	}
	return otherwise
}

// limitsOf are the limits of one plugin.
func (h *Host) limitsOf(plugin string) Limits { return h.options.PluginLimits[plugin].over(h.limits) }

func (l Limits) room() bridge.Limits {
	return bridge.Limits{Running: l.Running, Work: l.Work, Requests: l.Requests, Timers: l.Timers, LogRate: l.LogRate}
}

func (l Limits) waits() host.Waits {
	return host.Waits{Initialize: l.Initialize, Destroy: l.Destroy, Intercept: l.Intercept, Handler: l.Handler}
}

// storageLimits are what an identity may store; the plugin is behind its origin.
func (h *Host) storageLimits(id storage.Identity) storage.Limits {
	_, plugin, _ := strings.Cut(string(id), "/")
	return storage.Limits{TotalBytes: h.limitsOf(plugin).Storage}
}
