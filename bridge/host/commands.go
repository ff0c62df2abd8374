package host

import (
	"encoding/json"
	"regexp"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
)

var commandName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

const maxCommands = 100

// registerCommand serves registerCommand.
func (s *Session) registerCommand(id uint32, d *bridge.Decoder) *bridge.Error {
	text := d.JSON()
	if err := d.Err(); err != nil {
		return crossing(err)
	}
	if !s.Allows("commands", "register") {
		return bridge.Denied("commands", "register")
	}
	var c chat.Command
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return bridge.Errorf(bridge.TypeErrorName, "registerCommand: %s", err)
	}
	if !commandName.MatchString(c.Name) {
		return bridge.Errorf(bridge.TypeErrorName, "registerCommand: name is %q, wanted 1 to 32 of a-z, 0-9, - and _", c.Name)
	}
	if err := c.Check(); err != nil {
		return bridge.Errorf(bridge.TypeErrorName, "registerCommand %q: %s", c.Name, err)
	}
	c.Plugin, c.Shown = s.Name, c.Name
	var refusal *bridge.Error
	if err := s.add(func(r *registrations) {
		for _, other := range r.commands {
			if other.Name == c.Name {
				refusal = bridge.Errorf(bridge.TypeErrorName, "registerCommand: %q is registered twice", c.Name)
				return
			}
		}
		if len(r.commands) == maxCommands {
			refusal = bridge.Errorf(bridge.BusyErrorName, "registerCommand: a plugin may have %d commands", maxCommands)
			return
		}
		r.commands = append(r.commands, command{id, c})
	}); err != nil {
		return err
	}
	return refusal
}

// Invocation is what a command's handler gets.
type Invocation struct {
	Command string         `json:"command"`
	Values  map[string]any `json:"values"`
	Text    string         `json:"text"` // what was typed after the name
	Author  chat.Author    `json:"author"`
	Channel string         `json:"channel"`
	Thread  string         `json:"thread,omitempty"`
}

// RunCommand calls the handler of a command; the error says that the plugin did
// not take the call.
func (s *Session) RunCommand(i Invocation) error {
	if !s.Allows("commands", "register") {
		return bridge.Denied("commands", "register")
	}
	var e bridge.Encoder
	e.JSON(jsonOf(i))
	return s.Call(Call{Kind: bridge.Command, Name: i.Command, Args: e.Payload(),
		Origin: Origin{Channel: i.Channel, Thread: i.Thread}})
}
