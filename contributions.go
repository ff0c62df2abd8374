package innkeeper

import (
	"context"
	"fmt"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/bridge/host"
	"github.com/innkeeper-host/innkeeper/chat"
)

// Contributions lists what the active plugins add to the chat server's page and
// command line. Its lists are never nil.
func (h *Host) Contributions() chat.Contributions {
	c := chat.Contributions{Components: []chat.Component{}, MenuItems: []chat.MenuItem{}, Commands: []chat.Command{}, Settings: []chat.Settings{}}
	for _, p := range h.all() {
		if live := p.current(); live != nil {
			live.Contributions(&c)
		}
	}
	c.Commands = c.Commands[:0]
	h.eachCommand(func(_ *plugin, command chat.Command) bool {
		c.Commands = append(c.Commands, command)
		return false
	})
	return c
}

// Click runs onClick of a plugin's menu item for a person, in a channel, and does
// not wait for it.
func (h *Host) Click(_ context.Context, plugin, item string, user chat.Author, channel string) error {
	p := h.find(plugin)
	if p == nil {
		return fmt.Errorf("click %s of %s: %w", item, plugin, ErrUnknownPlugin)
	}
	p.gate.RLock()
	defer p.gate.RUnlock()
	live := p.live.Load()
	if live == nil {
		return fmt.Errorf("click %s of %s: %w", item, plugin, ErrNotActive)
	}
	if err := live.RunClick(item, host.Click{User: user, Channel: channel}); err != nil {
		h.refused(p, bridge.Click, err)
		return fmt.Errorf("click %s of %s: %w", item, plugin, err)
	}
	return nil
}

// Settings are a plugin's settings with their schema, as a form shows them:
// defaults filled in, secrets left out.
func (h *Host) Settings(plugin string) (chat.Schema, map[string]any, error) {
	live, err := h.active(plugin)
	if err != nil {
		return nil, nil, fmt.Errorf("settings of %s: %w", plugin, err)
	}
	schema, values, ok := live.Settings()
	if !ok {
		return nil, nil, fmt.Errorf("settings of %s: it has none", plugin)
	}
	return schema, values, nil
}

// SetSettings changes a plugin's settings: all of them or none. nil resets a
// field to its default. Where a value does not fit, the error is a
// *chat.SettingError that names its field.
func (h *Host) SetSettings(ctx context.Context, plugin string, changes map[string]any) error {
	live, err := h.active(plugin)
	if err != nil {
		return fmt.Errorf("set settings of %s: %w", plugin, err)
	}
	if err := live.ApplySettings(ctx, changes); err != nil {
		return fmt.Errorf("set settings of %s: %w", plugin, err)
	}
	if now, err := h.active(plugin); err == nil && now != live {
		now.RefreshSettings() // it was reloaded meanwhile
	}
	return nil
}

func (h *Host) active(name string) (*generation, error) {
	p := h.find(name)
	if p == nil {
		return nil, ErrUnknownPlugin
	}
	live := p.current()
	if live == nil {
		return nil, ErrNotActive
	}
	return live, nil
}
