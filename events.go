package innkeeper

import (
	"encoding/json"
	"strings"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/bridge/host"
	"github.com/innkeeper-host/innkeeper/internal/visible"
)

// emit tells an event to the plugins that listen to it.
func (h *Host) emit(name, source, data string, hops int) {
	var args bridge.Payload
	for _, p := range h.all() {
		live := p.current()
		if live == nil || !live.HearsEvent(name) || !reaches(live, name) {
			continue
		}
		if args == "" {
			args = host.EventArgs(name, source, data)
		}
		if err := p.call(host.Call{Kind: bridge.Event, Args: args, Origin: host.Origin{Hops: hops}}); err != nil {
			h.refused(p, bridge.Event, err)
		}
	}
}

// reaches reports whether the activation lets an event through; a plugin's own
// always come.
func reaches(g *generation, name string) bool {
	a := g.recipe.activation
	return a.Empty() || a.MatchEvent(name) || strings.HasPrefix(name, "plugin:"+g.Name+":")
}

// announce tells plugins that one of them came or went.
func (h *Host) announce(event string, p *plugin) {
	data, err := json.Marshal(map[string]string{"plugin": p.name})
	if err != nil {
		panic(err) // a map of strings has JSON
	}
	h.emit(event, "host", string(data), 0)
}

// incident tells the observer and the log of an error that no caller sees.
func (h *Host) incident(from *host.Session, where string, err *bridge.Error) {
	if err.Fatal && err.Message == bridge.ErrClosed.Error() {
		return // it was stopped: what it had open ends with it
	}
	e := pluginError(from.Name, where, err)
	h.observe(Event{Type: EventError, Plugin: from.Name, Err: e})
	attrs := []any{"plugin", from.Name, "where", where, "error", visible.Text(err.Error())}
	if e.Stack != "" {
		attrs = append(attrs, "stack", e.Stack)
	}
	h.logger.Error("plugin error", attrs...)
}
