package innkeeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/bridge/host"
)

// generation is one run of a plugin.
type generation struct {
	*host.Session
	recipe *recipe
}

// failsClosed reports whether the plugin rejects messages in its absence.
func (g *generation) failsClosed() bool {
	for _, i := range g.Interceptors() {
		if i.Reject {
			return true
		}
	}
	return false
}

// begin starts a generation and waits for its initialize. What it registered is
// seen by nobody until goLive.
func (h *Host) begin(ctx context.Context, p *plugin, r *recipe) (*generation, error) {
	ctx, cancel := h.whileOpen(ctx)
	defer cancel()
	if h.closing.Err() != nil {
		return nil, ErrClosed
	}
	m := r.pkg.Manifest
	limits := h.limitsOf(m.Name)
	session, err := h.desk.Open(ctx, host.Plugin{
		Name: m.Name, Version: m.Version, Display: m.DisplayName, Icon: m.Icon,
		Identity: p.identity, Grants: r.granted, Waits: limits.waits(),
	}, func(state bridge.State, server bridge.Server) bridge.Room {
		return h.openRoom(bridge.Setup{
			Plugin: m.Name, Version: m.Version,
			Code: r.bundle.Code, CodeKey: r.bundle.Key, SourceMap: r.bundle.SourceMap,
			State: state, Limits: limits.room(),
		}, server)
	})
	if err != nil {
		return nil, err
	}
	if err := session.Start(ctx); err != nil {
		closeErr := h.discard(session)
		var thrown *bridge.Error
		if errors.As(err, &thrown) {
			err = pluginError(m.Name, "initialize", thrown)
		}
		return nil, errors.Join(err, closeErr)
	}
	return &generation{session, r}, nil
}

// whileOpen is ctx, and ends with ErrClosed when the host is closed.
func (h *Host) whileOpen(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(h.closing, func() { cancel(ErrClosed) })
	return ctx, func() { stop(); cancel(nil) }
}

// goLive makes a generation the one that handles everything. Calls that the old
// one has not started move to it, ahead of newer ones. The old one is returned,
// for its owner to close. The caller holds p.ops.
func (h *Host) goLive(p *plugin, next *generation) (old *generation) {
	p.gate.Lock()
	old = p.live.Swap(next)
	next.GoLive() // before the first call: what the plugin sends is held until now
	if old != nil {
		old.Retire()
		old.MoveTo(next.Session)
	}
	p.gate.Unlock()
	failClosed := next.failsClosed()
	p.mu.Lock()
	p.recipe, p.failClosed = next.recipe, failClosed
	p.mu.Unlock()
	h.watchers.Add(1)
	go h.watch(p, next)
	return old
}

// watch waits for a generation to end. One that ends by itself while it is live
// is followed by a new one.
func (h *Host) watch(p *plugin, g *generation) {
	defer h.watchers.Done()
	<-g.Done()
	p.ops.Lock()
	defer p.ops.Unlock()
	if p.current() != g {
		return // it was stopped or replaced
	}
	h.restart(p, g)
}

// restart replaces a generation that ended by itself. The caller holds p.ops.
func (h *Host) restart(p *plugin, ended *generation) {
	h.desk.Busy.Add(1) // who waits for quiet waits for the new generation
	defer h.desk.Busy.Add(-1)
	reason := ended.Err()
	failClosed := ended.failsClosed() // it may have registered one since it went live
	p.mu.Lock()
	p.failClosed = failClosed
	p.mu.Unlock()
	p.gate.Lock()
	p.live.Store(nil)
	p.gate.Unlock()
	h.setState(p, StateInitializing, "restarting: "+reason.Error(), reason)
	if err := h.discard(ended.Session); err != nil {
		h.logger.Warn("a plugin that ended was not tidied up", "plugin", p.name, "error", err)
	}
	if h.closing.Err() != nil {
		h.setState(p, StateStopped, "the host was closed", nil)
		return
	}
	if limits := h.limitsOf(p.name); p.endsTooOften(h.clock.Now(), limits) {
		h.setState(p, StateError, fmt.Sprintf("ended %d times within %s, the last time: %s", limits.Restarts, limits.RestartWindow, reason), reason)
		h.announce("plugin:unloaded", p)
		return
	}
	next, err := h.begin(h.closing, p, ended.recipe)
	if err != nil {
		h.setState(p, StateError, "restart failed: "+err.Error(), err)
		h.announce("plugin:unloaded", p)
		return
	}
	h.goLive(p, next)
	h.setState(p, StateActive, "restarted: "+reason.Error(), nil)
}

// endsTooOften counts one more end, and reports whether it was one too many.
func (p *plugin) endsTooOften(now time.Time, l Limits) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.restarts++
	recent := p.ends[:0]
	for _, t := range p.ends {
		if now.Sub(t) < l.RestartWindow {
			recent = append(recent, t)
		}
	}
	p.ends = append(recent, now)
	return len(p.ends) >= l.Restarts
}

// discardWait bounds the wait for a generation that is thrown away: longer than
// any native of the engine should hold out against its interrupt.
const discardWait = 10 * time.Second

// discard closes a session that nobody uses, also while the host is closing.
func (h *Host) discard(s *host.Session) error {
	ctx, cancel := context.WithTimeout(context.Background(), discardWait)
	defer cancel()
	return s.Close(ctx, false)
}

// start runs a plugin's first generation. The caller holds p.ops.
func (h *Host) start(ctx context.Context, p *plugin, r *recipe) error {
	h.setState(p, StateInitializing, "", nil)
	h.observe(Event{Type: EventGranted, Plugin: p.name, Grants: r.granted.Words(), Manifest: r.pkg.Manifest})
	p.mu.Lock()
	p.recipe = r
	p.mu.Unlock()
	g, err := h.begin(ctx, p, r)
	if err != nil {
		h.setState(p, StateError, err.Error(), err)
		return err
	}
	h.goLive(p, g)
	h.setState(p, StateActive, "", nil)
	h.announce("plugin:loaded", p)
	return nil
}

// halt stops a plugin: what has not started fails, what runs gets destroy's
// deadline.
func (h *Host) halt(ctx context.Context, p *plugin, after State, reason string) error {
	p.ops.Lock()
	defer p.ops.Unlock()
	return h.haltLocked(ctx, p, after, reason)
}

func (h *Host) haltLocked(ctx context.Context, p *plugin, after State, reason string) error {
	p.gate.Lock()
	g := p.live.Swap(nil)
	p.gate.Unlock()
	var err error
	if g != nil {
		h.setState(p, StateStopping, reason, nil)
		g.Retire()
		err = g.Close(ctx, true)
		h.announce("plugin:unloaded", p)
	}
	h.setState(p, after, reason, nil)
	return err
}
