package guest

import (
	"encoding/json"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

var commandsMembers = jsruntime.Members{
	direct("registerCommand", func(g *guest, call goja.FunctionCall) goja.Value {
		g.require("commands", "register")
		init := g.object("registerCommand", call.Argument(0))
		fn, value := g.handler("registerCommand handler", orUndefined(init.Get("handler")))
		text := g.toJSON("registerCommand", init) // a function has no JSON: handler is left out
		var c chat.Command
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			g.throwType("registerCommand: %s", err)
		}
		if err := c.Check(); err != nil {
			g.throwType("registerCommand: %s", err)
		}
		return g.register(&registration{kind: bridge.OpCommand, fn: fn, value: value}, func(e *bridge.Encoder) { e.JSON(text) })
	}),
}
