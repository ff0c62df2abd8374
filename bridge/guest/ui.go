package guest

import (
	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

var uiMembers = jsruntime.Members{
	direct("registerComponent", func(g *guest, call goja.FunctionCall) goja.Value {
		g.require("ui", "components")
		init := g.object("registerComponent", call.Argument(0))
		name, position := g.text("name", orUndefined(init.Get("name"))), g.textOf(init, "position")
		if component := init.Get("component"); component == nil || goja.IsUndefined(component) {
			g.throwType("registerComponent: component is missing")
		}
		return g.register(&registration{kind: bridge.OpComponent}, func(e *bridge.Encoder) {
			e.String(name)
			e.String(position)
		})
	}),
	direct("addMenuItem", func(g *guest, call goja.FunctionCall) goja.Value {
		g.require("ui", "menu")
		init := g.object("addMenuItem", call.Argument(0))
		id, label := g.text("id", orUndefined(init.Get("id"))), g.text("label", orUndefined(init.Get("label")))
		icon, location := g.textOf(init, "icon"), g.textOf(init, "location")
		fn, value := g.handler("onClick", orUndefined(init.Get("onClick")))
		return g.register(&registration{kind: bridge.OpMenuItem, fn: fn, value: value}, func(e *bridge.Encoder) {
			e.String(id)
			e.String(label)
			e.String(icon)
			e.String(location)
		})
	}),
}
