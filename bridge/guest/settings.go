package guest

import (
	"encoding/json"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

var settingsMembers = jsruntime.Members{
	direct("registerSettings", (*guest).registerSettings),
	direct("getSettings", func(g *guest, _ goja.FunctionCall) goja.Value {
		g.require("settings", "read")
		return g.settings()
	}),
	async("setSettings", func(g *guest, call goja.FunctionCall) goja.Value {
		var e bridge.Encoder
		e.JSON(g.toJSON("setSettings", g.object("setSettings", call.Argument(0))))
		return g.request(bridge.OpSettingsSet, &e, nothing)
	}),
	direct("onSettingsChange", func(g *guest, call goja.FunctionCall) goja.Value {
		g.require("settings", "read")
		fn, value := g.handler("onSettingsChange", call.Argument(0))
		return g.register(&registration{kind: bridge.OpSettingsListen, fn: fn, value: value}, nil)
	}),
}

func (g *guest) registerSettings(call goja.FunctionCall) goja.Value {
	g.require("settings", "read")
	text := g.toJSON("registerSettings", g.object("registerSettings", call.Argument(0)))
	var schema chat.Schema
	if err := json.Unmarshal([]byte(text), &schema); err != nil {
		g.throwType("registerSettings: %s", err)
	}
	g.schema = schema
	return g.register(&registration{kind: bridge.OpSettingsRegister}, func(e *bridge.Encoder) { e.JSON(text) })
}

// settings are the stored values over the schema's defaults.
func (g *guest) settings() goja.Value {
	stored := map[string]any{}
	if g.state.Settings != "" {
		if err := json.Unmarshal([]byte(g.state.Settings), &stored); err != nil {
			panic(err) // the host's half wrote it
		}
	}
	value, err := g.parse(jsonOf(g.schema.Resolve(stored)))
	if err != nil {
		panic(err)
	}
	return value
}

// settingsChanged tells onSettingsChange handlers and the plugin's own
// settings:changed; the new values were pushed before.
func (g *guest) settingsChanged(c bridge.Call) {
	var regs []*registration
	for _, reg := range g.registrations {
		if reg.kind == bridge.OpSettingsListen {
			regs = append(regs, reg)
		}
	}
	g.run(c, regs, func(reg *registration) (goja.Value, error) {
		return reg.fn(goja.Undefined(), g.settings())
	})
}
