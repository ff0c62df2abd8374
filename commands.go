package innkeeper

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/bridge/host"
	"github.com/innkeeper-host/innkeeper/chat"
)

// command runs a message that is a command. ok is false where no plugin has it:
// then it is a message like any other.
func (h *Host) command(m chat.Message) (receipt Receipt, ok bool, err error) {
	name, rest := m.Content[1:], ""
	if end := strings.IndexFunc(name, unicode.IsSpace); end >= 0 {
		name, rest = name[:end], strings.TrimSpace(name[end:])
	}
	p, c := h.findCommand(name)
	if p == nil {
		if name != "help" {
			return Receipt{}, false, nil
		}
		return Receipt{Command: "help", Notice: h.helpAll()}, true, nil
	}
	receipt = Receipt{Command: c.Name, Plugin: p.name}
	if rest == "--help" {
		receipt.Notice = c.Help()
		return receipt, true, nil
	}
	values, err := c.Parse(rest)
	if err != nil {
		return receipt, true, fmt.Errorf("/%s: %w\n%s", c.Shown, err, c.Usage())
	}
	p.gate.RLock()
	defer p.gate.RUnlock()
	live := p.live.Load()
	if live == nil {
		return receipt, true, fmt.Errorf("/%s: %w", c.Shown, ErrNotActive)
	}
	err = live.RunCommand(host.Invocation{
		Command: c.Name, Values: values, Text: rest, Author: m.Author, Channel: m.Channel, Thread: m.Thread,
	})
	if err != nil {
		h.refused(p, bridge.Command, err)
		return receipt, true, fmt.Errorf("/%s: %w", c.Shown, err)
	}
	return receipt, true, nil
}

// eachCommand visits the commands of all plugins as people type them: the first
// plugin that was loaded has the bare name, another one "plugin:name".
func (h *Host) eachCommand(visit func(*plugin, chat.Command) (stop bool)) {
	taken := map[string]bool{}
	for _, p := range h.all() {
		live := p.current()
		if live == nil {
			continue
		}
		var c chat.Contributions
		live.Contributions(&c)
		for _, command := range c.Commands {
			if taken[command.Name] {
				command.Shown = p.name + ":" + command.Name
			}
			taken[command.Name] = true
			if visit(p, command) {
				return
			}
		}
	}
}

func (h *Host) findCommand(typed string) (owner *plugin, found chat.Command) {
	h.eachCommand(func(p *plugin, c chat.Command) bool {
		if c.Shown == typed || p.name+":"+c.Name == typed {
			owner, found = p, c
			return true
		}
		return false
	})
	return owner, found
}

func (h *Host) helpAll() string {
	var b strings.Builder
	h.eachCommand(func(_ *plugin, c chat.Command) bool {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(c.Usage())
		if c.Description != "" {
			b.WriteString("  " + c.Description)
		}
		return false
	})
	if b.Len() == 0 {
		return "No plugin offers a command."
	}
	return b.String()
}
