package guest

import (
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

// apiEventsMembers are the seed's emit and on: the plugin's own namespace.
var apiEventsMembers = jsruntime.Members{
	async("emit", func(g *guest, call goja.FunctionCall) goja.Value {
		return g.emit(g.ownEvent(g.text("event", call.Argument(0))), call.Argument(1))
	}),
	direct("on", func(g *guest, call goja.FunctionCall) goja.Value {
		return g.subscribe(g.ownEvent(g.text("event", call.Argument(0))), call.Argument(1), false)
	}),
}

// eventsMembers is context.events. A name without a colon that is no event of
// the host is one of the plugin's own.
var eventsMembers = jsruntime.Members{
	direct("on", func(g *guest, call goja.FunctionCall) goja.Value {
		return g.subscribe(g.eventName(call), call.Argument(1), false)
	}),
	direct("once", func(g *guest, call goja.FunctionCall) goja.Value {
		return g.subscribe(g.eventName(call), call.Argument(1), true)
	}),
	direct("off", func(g *guest, call goja.FunctionCall) goja.Value {
		name := g.eventName(call)
		for _, reg := range slices.Clone(g.registrations) {
			if reg.kind == bridge.OpSubscribe && reg.event == name && (goja.IsUndefined(call.Argument(1)) || reg.value.SameAs(call.Argument(1))) {
				g.dispose(reg)
			}
		}
		return goja.Undefined()
	}),
	async("emit", func(g *guest, call goja.FunctionCall) goja.Value {
		return g.emit(g.eventName(call), call.Argument(1))
	}),
}

func (g *guest) ownEvent(name string) string { return "plugin:" + g.room.setup.Plugin + ":" + name }

func (g *guest) eventName(call goja.FunctionCall) string {
	name := g.text("event", call.Argument(0))
	if strings.Contains(name, ":") || name == "message" {
		return name
	}
	return g.ownEvent(name)
}

func (g *guest) subscribe(name string, handler goja.Value, once bool) goja.Value {
	fn, value := g.handler("on", handler)
	resource, action, err := bridge.EventPermission(g.room.setup.Plugin, name)
	if err != nil {
		g.throw(err)
	}
	if resource != "" {
		g.require(resource, action)
	}
	return g.register(&registration{kind: bridge.OpSubscribe, event: name, once: once, fn: fn, value: value},
		func(e *bridge.Encoder) { e.String(name) })
}

func (g *guest) emit(name string, data goja.Value) goja.Value {
	var e bridge.Encoder
	e.String(name)
	g.appendValue(&e, data, false)
	return g.request(bridge.OpEmit, &e, nothing)
}

// event tells an event to its handlers.
func (g *guest) event(c bridge.Call, d *bridge.Decoder) {
	name, source, data := d.String(), d.String(), d.JSON()
	if err := d.Err(); err != nil {
		g.finish(c, crossing(err))
		return
	}
	var regs []*registration
	for _, reg := range g.registrations {
		if reg.kind == bridge.OpSubscribe && reg.event == name {
			regs = append(regs, reg)
		}
	}
	g.takeOnce(regs)
	g.run(c, regs, func(reg *registration) (goja.Value, error) {
		value, err := g.parse(data)
		if err != nil {
			return nil, err
		}
		return reg.fn(goja.Undefined(), value, g.eventInfo(name, source))
	})
}

// takeOnce removes the registrations that were for one event only, before their
// handlers run.
func (g *guest) takeOnce(regs []*registration) {
	for _, reg := range regs {
		if reg.once {
			g.dispose(reg)
		}
	}
}

// eventInfo is a handler's second argument: the host says who sent the event.
func (g *guest) eventInfo(name, source string) goja.Value {
	o := g.vm.Goja().NewObject()
	_ = o.Set("name", name)
	_ = o.Set("source", source)
	return o
}
