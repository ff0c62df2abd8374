package innkeeper

import (
	"context"
	"errors"
	"fmt"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/bridge/host"
	"github.com/innkeeper-host/innkeeper/chat"
)

// Deliver hands a message that the chat server has accepted to the plugins that
// listen, and does not wait for them. It is for chat servers with a pipeline of
// their own (see Intercept); others call Receive. Messages of plugins are
// delivered by the host and must not be handed to it again.
func (h *Host) Deliver(_ context.Context, m chat.Message) error {
	if h.closing.Err() != nil {
		return ErrClosed
	}
	if err := checkMessage(m); err != nil {
		return fmt.Errorf("deliver: %w", err)
	}
	h.deliver(nil, m, 0)
	return nil
}

// deliver gives the message to everyone who listens but its sender. It is
// encoded once, for the first listener.
func (h *Host) deliver(from *host.Session, m chat.Message, hops int) {
	// One at a time, so that all plugins see messages in the same order. Nothing
	// in here waits for a plugin.
	h.delivery.Lock()
	defer h.delivery.Unlock()
	var args bridge.Payload
	origin := host.Origin{Hops: hops, Channel: m.Channel, Thread: m.Thread}
	for _, p := range h.all() {
		if from != nil && p.name == from.Name || !p.hears(&m, from != nil) {
			continue
		}
		if args == "" {
			var e bridge.Encoder
			e.Bool(from != nil)
			if err := e.AppendMessage(&m); err != nil {
				h.logger.Error("a message was not delivered", "id", m.ID, "error", err)
				return
			}
			args = e.Payload()
		}
		if err := p.call(host.Call{Kind: bridge.Message, Args: args, Origin: origin}); err != nil {
			h.refused(p, bridge.Message, err)
		}
	}
}

// hears is asked of every plugin for every message: what costs least is asked
// first.
func (p *plugin) hears(m *chat.Message, fromPlugin bool) bool {
	live := p.live.Load()
	if live == nil || !live.Listens(fromPlugin) {
		return false
	}
	activation := live.recipe.activation
	return (activation.Empty() || activation.MatchMessage(m.Content)) && live.MayRead(m.Channel)
}

// refused tells that a plugin did not take a call.
func (h *Host) refused(p *plugin, kind bridge.Kind, err error) {
	typ := EventError
	if errors.Is(err, bridge.ErrBusy) {
		typ = EventBusy
	}
	h.observe(Event{Type: typ, Plugin: p.name, Reason: kind.String(),
		Err: &PluginError{Plugin: p.name, Where: kind.String(), Message: err.Error()}})
	h.logger.Warn("a plugin did not take a call", "plugin", p.name, "call", kind.String(), "error", err)
}
