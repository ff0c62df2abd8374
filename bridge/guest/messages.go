package guest

import (
	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

var messagesMembers = jsruntime.Members{
	direct("onMessage", (*guest).onMessage),
	direct("interceptMessage", (*guest).interceptMessage),
	async("sendMessage", (*guest).sendMessage),
}

func (g *guest) onMessage(call goja.FunctionCall) goja.Value {
	g.require("messages", "read")
	fn, value := g.handler("onMessage", call.Argument(0))
	reg := &registration{kind: bridge.OpListen, fn: fn, value: value}
	if o := g.options("onMessage options", call.Argument(1)); o != nil {
		reg.plugins = o.Get("plugins") != nil && o.Get("plugins").ToBoolean()
	}
	return g.register(reg, func(e *bridge.Encoder) { e.Bool(reg.plugins) })
}

func (g *guest) interceptMessage(call goja.FunctionCall) goja.Value {
	g.require("messages", "read")
	g.require("messages", "intercept")
	fn, value := g.handler("interceptMessage", call.Argument(0))
	priority, onFailure := 0.0, ""
	if o := g.options("interceptMessage options", call.Argument(1)); o != nil {
		if p := o.Get("priority"); p != nil && !goja.IsUndefined(p) {
			priority = p.ToFloat()
		}
		onFailure = g.textOf(o, "onFailure")
	}
	return g.register(&registration{kind: bridge.OpIntercept, fn: fn, value: value}, func(e *bridge.Encoder) {
		e.Number(priority)
		e.String(onFailure)
	})
}

func (g *guest) sendMessage(call goja.FunctionCall) goja.Value {
	init := g.object("sendMessage", call.Argument(0))
	var e bridge.Encoder
	e.String(g.text("content", orUndefined(init.Get("content"))))
	for _, name := range []string{"channel", "thread", "replyTo", "role"} {
		e.String(g.textOf(init, name))
	}
	g.appendValue(&e, orUndefined(init.Get("metadata")), false)
	return g.request(bridge.OpSend, &e, func(d *bridge.Decoder) (goja.Value, error) {
		flat := d.Message()
		if err := d.Err(); err != nil {
			return nil, err
		}
		identity := g.vm.Goja().ToValue(func(call goja.FunctionCall) goja.Value { return call.Argument(0) })
		return g.deliver(identity, flat, goja.Undefined())
	})
}

// message hands an accepted message to everything that listens.
func (g *guest) message(c bridge.Call, d *bridge.Decoder) {
	fromPlugin := d.Bool()
	flat := d.Message()
	if err := d.Err(); err != nil {
		g.finish(c, crossing(err))
		return
	}
	var regs []*registration
	for _, reg := range g.registrations {
		if reg.kind == bridge.OpListen && (reg.plugins || !fromPlugin) || reg.kind == bridge.OpSubscribe && reg.event == "message" && !fromPlugin {
			regs = append(regs, reg)
		}
	}
	g.takeOnce(regs)
	g.run(c, regs, func(reg *registration) (goja.Value, error) {
		last := goja.Undefined()
		if reg.kind == bridge.OpSubscribe {
			last = g.eventInfo("message", "host")
		}
		return g.deliver(reg.value, flat, last)
	})
}

// deliver makes the message and calls a handler with it.
func (g *guest) deliver(handler goja.Value, m bridge.FlatMessage, last goja.Value) (goja.Value, error) {
	to := g.vm.Goja().ToValue
	metadata := goja.Undefined()
	if m.Metadata != "" {
		metadata = to(m.Metadata)
	}
	g.args = append(g.args[:0], handler, last, to(m.ID), to(m.Channel), to(m.Thread), to(m.ReplyTo), to(m.Role),
		to(m.AuthorID), to(m.AuthorName), to(m.AuthorBot), to(m.Content), metadata, to(m.CreatedAt), to(m.EditedAt))
	return g.engine.deliver(goja.Undefined(), g.args...)
}

// intercept asks one interceptor and reads its verdict.
func (g *guest) intercept(c bridge.Call, d *bridge.Decoder) {
	flat := d.Message()
	reg := g.find(c.Handler)
	if d.Err() != nil || reg == nil {
		g.finish(c, bridge.Errorf("Error", "intercept: its handler is gone"))
		return
	}
	value, err := g.vm.Enter(func() (goja.Value, error) { return g.deliver(reg.value, flat, goja.Undefined()) })
	if err != nil {
		g.finish(c, crossing(err))
		return
	}
	g.vm.Settle(value, func(value goja.Value, err error) {
		var e bridge.Encoder
		if err == nil {
			_, err = g.vm.Enter(func() (goja.Value, error) {
				if thrown := g.vm.Goja().Try(func() { e.AppendVerdict(g.verdict(value, flat)) }); thrown != nil {
					return nil, thrown
				}
				return nil, nil
			})
		}
		if err != nil {
			g.finish(c, crossing(err))
			return
		}
		g.room.finish(c.Cause, bridge.Result{Args: e.Payload()})
	})
}

// verdict reads what an interceptor returned: null drops, nothing leaves, an
// object rejects or changes.
func (g *guest) verdict(value goja.Value, was bridge.FlatMessage) bridge.Verdict {
	if goja.IsNull(value) {
		return bridge.Verdict{Drop: true}
	}
	if goja.IsUndefined(value) {
		return bridge.Verdict{}
	}
	o := g.object("an interceptor's result", value)
	if reason := o.Get("reject"); reason != nil && !goja.IsUndefined(reason) {
		return bridge.Verdict{Reject: true, Reason: g.textOf(o, "reject")}
	}
	v := bridge.Verdict{Changed: true, Content: was.Content, Metadata: was.Metadata}
	if content := o.Get("content"); content != nil && !goja.IsUndefined(content) {
		v.Content = g.text("content", content)
	}
	if metadata := o.Get("metadata"); metadata != nil && !goja.IsUndefined(metadata) {
		v.Metadata = g.toJSON("metadata", g.object("metadata", metadata))
	}
	return v
}

func orUndefined(v goja.Value) goja.Value {
	if v == nil {
		return goja.Undefined()
	}
	return v
}
