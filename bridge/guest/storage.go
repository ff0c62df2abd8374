package guest

import (
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

var storageAccessMembers = jsruntime.Members{
	direct("getStorage", func(g *guest, _ goja.FunctionCall) goja.Value { return g.storage }),
}

// storageMembers is context.storage. The host's half checks the permission of
// every call.
var storageMembers = jsruntime.Members{
	async("get", func(g *guest, call goja.FunctionCall) goja.Value {
		var e bridge.Encoder
		e.String(g.key(call.Argument(0)))
		return g.request(bridge.OpStorageGet, &e, func(d *bridge.Decoder) (goja.Value, error) {
			value := d.Value()
			if err := d.Err(); err != nil {
				return nil, err
			}
			return g.toValue(value)
		})
	}),
	async("getMany", func(g *guest, call goja.FunctionCall) goja.Value {
		keys := g.strings("getMany", call.Argument(0))
		var e bridge.Encoder
		for _, key := range keys {
			e.String(key)
		}
		return g.request(bridge.OpStorageGet, &e, func(d *bridge.Decoder) (goja.Value, error) {
			values := make([]any, len(keys))
			for i := range keys {
				value := d.Value()
				d.Value() // its version
				var err error
				if values[i], err = g.toValue(value); err != nil {
					return nil, err
				}
			}
			return g.vm.Goja().NewArray(values...), d.Err()
		})
	}),
	async("has", func(g *guest, call goja.FunctionCall) goja.Value {
		var e bridge.Encoder
		e.String(g.key(call.Argument(0)))
		return g.request(bridge.OpStorageGet, &e, func(d *bridge.Decoder) (goja.Value, error) {
			found := d.Value().Kind != bridge.KindUndefined
			return g.vm.Goja().ToValue(found), d.Err()
		})
	}),
	async("set", func(g *guest, call goja.FunctionCall) goja.Value {
		var e bridge.Encoder
		e.Number(g.ttl(call.Argument(2)))
		e.String(g.key(call.Argument(0)))
		g.appendStored(&e, call.Argument(1))
		return g.request(bridge.OpStorageSet, &e, nothing)
	}),
	async("setMany", func(g *guest, call goja.FunctionCall) goja.Value {
		entries := g.object("setMany", call.Argument(0))
		var e bridge.Encoder
		e.Number(g.ttl(call.Argument(1)))
		keys := entries.Keys()
		if len(keys) > bridge.MaxList {
			g.throw(bridge.Errorf(bridge.RangeErrorName, "setMany: at most %d at a time", bridge.MaxList))
		}
		for _, key := range keys {
			e.String(key)
			g.appendStored(&e, entries.Get(key))
		}
		return g.request(bridge.OpStorageSet, &e, nothing)
	}),
	async("delete", func(g *guest, call goja.FunctionCall) goja.Value {
		var e bridge.Encoder
		e.String(g.key(call.Argument(0)))
		return g.request(bridge.OpStorageDelete, &e, func(d *bridge.Decoder) (goja.Value, error) {
			return g.vm.Goja().ToValue(d.Bool()), d.Err()
		})
	}),
	async("increment", func(g *guest, call goja.FunctionCall) goja.Value {
		by := 1.0
		if v := call.Argument(1); !goja.IsUndefined(v) {
			if !goja.IsNumber(v) {
				g.throwType("increment: by must be a number")
			}
			by = v.ToFloat()
		}
		var e bridge.Encoder
		e.String(g.key(call.Argument(0)))
		e.Number(by)
		return g.request(bridge.OpStorageAdd, &e, func(d *bridge.Decoder) (goja.Value, error) {
			return g.number(d.Number()), d.Err()
		})
	}),
	async("keys", func(g *guest, call goja.FunctionCall) goja.Value {
		return g.list(bridge.OpStorageKeys, call.Argument(0), func(d *bridge.Decoder) (goja.Value, error) {
			return g.vm.Goja().ToValue(d.String()), nil
		})
	}),
	async("entries", func(g *guest, call goja.FunctionCall) goja.Value {
		return g.list(bridge.OpStorageEntries, call.Argument(0), func(d *bridge.Decoder) (goja.Value, error) {
			key := d.String()
			value, err := g.toValue(d.Value())
			if err != nil {
				return nil, err
			}
			return g.vm.Goja().NewArray(key, value), nil
		})
	}),
	{Name: "update", Make: makeUpdate},
	async("clear", func(g *guest, _ goja.FunctionCall) goja.Value {
		return g.request(bridge.OpStorageClear, &bridge.Encoder{}, nothing)
	}),
	async("usage", func(g *guest, _ goja.FunctionCall) goja.Value {
		return g.request(bridge.OpStorageUsage, &bridge.Encoder{}, func(d *bridge.Decoder) (goja.Value, error) {
			return g.parse(d.JSON())
		})
	}),
}

// appendStored writes a value to store; undefined has no place in a store.
func (g *guest) appendStored(e *bridge.Encoder, value goja.Value) {
	before := e.Len()
	g.appendValue(e, value, true)
	if e.Len() == before+1 {
		g.throwType("set: wanted a JSON value or a Uint8Array; use delete to remove a key")
	}
}

// ttl reads {ttl}: milliseconds; 0 is for ever.
func (g *guest) ttl(options goja.Value) float64 {
	o := g.options("set options", options)
	if o == nil {
		return 0
	}
	v := o.Get("ttl")
	if v == nil || goja.IsUndefined(v) {
		return 0
	}
	ms := v.ToFloat()
	if !goja.IsNumber(v) || !(ms > 0) {
		g.throw(bridge.Errorf(bridge.RangeErrorName, "ttl: wanted a number of milliseconds above 0"))
	}
	return ms
}

// key reads a key. One with half of a surrogate pair would become another key on
// its way out.
func (g *guest) key(value goja.Value) string {
	key := g.text("key", value)
	if strings.ContainsRune(key, utf8.RuneError) && !g.vm.Goja().ToValue(key).SameAs(value) {
		g.throwType("key: it is not valid Unicode text")
	}
	return key
}

func (g *guest) strings(what string, value goja.Value) []string {
	list := g.object(what, value)
	n := max(orUndefined(list.Get("length")).ToInteger(), 0)
	if n > bridge.MaxList {
		g.throw(bridge.Errorf(bridge.RangeErrorName, "%s: at most %d at a time", what, bridge.MaxList))
	}
	out := make([]string, n)
	for i := range out {
		out[i] = g.key(orUndefined(list.Get(g.vm.Goja().ToValue(i).String())))
	}
	return out
}

// list asks for a range of keys and reads each with item.
func (g *guest) list(op bridge.Op, options goja.Value, item func(*bridge.Decoder) (goja.Value, error)) goja.Value {
	prefix, after, limit := "", "", float64(bridge.MaxList)
	if o := g.options("range", options); o != nil {
		prefix, after = g.textOf(o, "prefix"), g.textOf(o, "after")
		if v := o.Get("limit"); v != nil && !goja.IsUndefined(v) {
			limit = v.ToFloat()
			if !(limit >= 1) {
				g.throw(bridge.Errorf(bridge.RangeErrorName, "limit: wanted a number above 0"))
			}
			limit = min(limit, bridge.MaxList)
		}
	}
	var e bridge.Encoder
	e.String(prefix)
	e.String(after)
	e.Number(limit)
	return g.request(op, &e, func(d *bridge.Decoder) (goja.Value, error) {
		var items []any
		for d.More() {
			value, err := item(d)
			if err != nil {
				return nil, err
			}
			items = append(items, value)
		}
		return g.vm.Goja().NewArray(items...), d.Err()
	})
}

// makeUpdate makes storage.update of its three natives.
func makeUpdate(v *jsruntime.VM) goja.Value {
	g := of(v)
	read := func(call goja.FunctionCall) goja.Value {
		var e bridge.Encoder
		e.String(g.key(call.Argument(0)))
		return g.request(bridge.OpStorageGet, &e, func(d *bridge.Decoder) (goja.Value, error) {
			value, version := d.Value(), d.Number()
			if err := d.Err(); err != nil {
				return nil, err
			}
			made, err := g.toValue(value)
			return v.Goja().NewArray(made, version), err
		})
	}
	swap := func(call goja.FunctionCall) goja.Value {
		var e bridge.Encoder
		e.String(g.key(call.Argument(0)))
		e.Number(call.Argument(1).ToFloat())
		g.appendValue(&e, call.Argument(2), true)
		return g.request(bridge.OpStorageSwap, &e, func(d *bridge.Decoder) (goja.Value, error) {
			return v.Goja().ToValue(d.Bool()), d.Err()
		})
	}
	conflict := func(call goja.FunctionCall) goja.Value {
		return v.ErrorValue(&jsruntime.Error{Name: bridge.ConflictErrorName, Message: "update " + call.Argument(0).String() + ": the value changed 16 times while it was being updated"})
	}
	to := v.Goja().ToValue
	made, err := g.engine.update(goja.Undefined(), to(read), to(swap), to(conflict))
	if err != nil {
		panic(err)
	}
	return made
}
