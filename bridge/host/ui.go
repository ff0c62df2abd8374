package host

import (
	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
)

const (
	maxContributions = 100 // components, and menu items, of one plugin
	maxLabel         = 256 // bytes
)

// registerComponent serves registerComponent.
func (s *Session) registerComponent(id uint32, d *bridge.Decoder) *bridge.Error {
	c := chat.Component{Plugin: s.Name, Name: d.String(), Position: d.String()}
	if err := d.Err(); err != nil {
		return crossing(err)
	}
	if !s.Allows("ui", "components") {
		return bridge.Denied("ui", "components")
	}
	if c.Name == "" || len(c.Name) > maxLabel || len(c.Position) > maxLabel {
		return bridge.Errorf(bridge.TypeErrorName, "registerComponent: name must have 1 to %d bytes, position at most as many", maxLabel)
	}
	return s.contribute("registerComponent", c.Name,
		func(r *registrations) (names []string) {
			for _, x := range r.components {
				names = append(names, x.Name)
			}
			return names
		},
		func(r *registrations) { r.components = append(r.components, component{id, c}) })
}

// addMenuItem serves addMenuItem.
func (s *Session) addMenuItem(id uint32, d *bridge.Decoder) *bridge.Error {
	m := chat.MenuItem{Plugin: s.Name, ID: d.String(), Label: d.String(), Icon: d.String(), Location: d.String()}
	if err := d.Err(); err != nil {
		return crossing(err)
	}
	if !s.Allows("ui", "menu") {
		return bridge.Denied("ui", "menu")
	}
	if m.ID == "" || m.Label == "" || max(len(m.ID), len(m.Label), len(m.Icon), len(m.Location)) > maxLabel {
		return bridge.Errorf(bridge.TypeErrorName, "addMenuItem: id and label must have 1 to %d bytes, icon and location at most as many", maxLabel)
	}
	return s.contribute("addMenuItem", m.ID,
		func(r *registrations) (names []string) {
			for _, x := range r.menu {
				names = append(names, x.ID)
			}
			return names
		},
		func(r *registrations) { r.menu = append(r.menu, menuItem{id, m}) })
}

// contribute adds a contribution whose name is not taken yet.
func (s *Session) contribute(act, name string, taken func(*registrations) []string, add func(*registrations)) *bridge.Error {
	var refusal *bridge.Error
	err := s.add(func(r *registrations) {
		names := taken(r)
		for _, other := range names {
			if other == name {
				refusal = bridge.Errorf(bridge.TypeErrorName, "%s: %q is registered twice", act, name)
				return
			}
		}
		if len(names) == maxContributions {
			refusal = bridge.Errorf(bridge.BusyErrorName, "%s: a plugin may have %d", act, maxContributions)
			return
		}
		add(r)
	})
	if err != nil {
		return err
	}
	return refusal
}

// Click is what a menu item's onClick gets.
type Click struct {
	User    chat.Author `json:"user"`
	Channel string      `json:"channel"`
}

// RunClick calls onClick of a menu item; the error says that the plugin did not
// take the call.
func (s *Session) RunClick(item string, c Click) error {
	if !s.Allows("ui", "menu") {
		return bridge.Denied("ui", "menu")
	}
	var e bridge.Encoder
	e.JSON(jsonOf(c))
	return s.Call(Call{Kind: bridge.Click, Name: item, Args: e.Payload(), Origin: Origin{Channel: c.Channel}})
}
