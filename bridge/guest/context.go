package guest

import (
	"slices"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/jsruntime"
)

// contextKeys are what can be read of a context; app needs its permission.
var contextKeys = []string{"api", "storage", "events", "plugin", "log", "app"}

// newContext makes the object that a plugin gets: an allow-list in front of an
// empty object. A Proxy, so that nothing can be set, defined or deleted, and so
// that every other name is refused by name.
func (g *guest) newContext() *goja.Object {
	g.storage = storageMembers.NewObject(g.vm)
	made := map[string]goja.Value{"storage": g.storage}
	refuse := func(name string) {
		g.throwType("Access to %s is not allowed", name)
	}
	get := func(name string) goja.Value {
		switch name {
		case "then", "toJSON":
			return goja.Undefined() // asked for by await and JSON.stringify
		case "app":
			return g.appValue()
		case "constructor":
			if awaited() {
				return goja.Undefined()
			}
		}
		if !slices.Contains(contextKeys, name) {
			refuse(name)
		}
		if made[name] == nil {
			made[name] = g.contextMember(name)
		}
		return made[name]
	}
	unchangeable := func() bool {
		g.throwType("context cannot be changed")
		return false
	}
	target := g.vm.Goja().CreateObject(nil)
	proxy := g.vm.Goja().NewProxy(target, &goja.ProxyTrapConfig{
		Get: func(_ *goja.Object, name string, _ goja.Value) goja.Value { return get(name) },
		GetIdx: func(_ *goja.Object, n int, _ goja.Value) goja.Value {
			refuse(g.vm.Goja().ToValue(n).String())
			return nil
		},
		GetSym: func(*goja.Object, *goja.Symbol, goja.Value) goja.Value { return goja.Undefined() },
		Has:    func(_ *goja.Object, name string) bool { return slices.Contains(g.readable(), name) },
		OwnKeys: func(*goja.Object) *goja.Object {
			var keys []any
			for _, k := range g.readable() {
				keys = append(keys, k)
			}
			return g.vm.Goja().NewArray(keys...)
		},
		GetOwnPropertyDescriptor: func(_ *goja.Object, name string) goja.PropertyDescriptor {
			if !slices.Contains(g.readable(), name) {
				return goja.PropertyDescriptor{}
			}
			return goja.PropertyDescriptor{Value: get(name), Enumerable: goja.FLAG_TRUE, Configurable: goja.FLAG_TRUE, Writable: goja.FLAG_FALSE}
		},
		SetPrototypeOf:    func(*goja.Object, *goja.Object) bool { return unchangeable() },
		PreventExtensions: func(*goja.Object) bool { return unchangeable() },
		DefineProperty:    func(*goja.Object, string, goja.PropertyDescriptor) bool { return unchangeable() },
		DefinePropertyIdx: func(*goja.Object, int, goja.PropertyDescriptor) bool { return unchangeable() },
		DefinePropertySym: func(*goja.Object, *goja.Symbol, goja.PropertyDescriptor) bool { return unchangeable() },
		Set:               func(*goja.Object, string, goja.Value, goja.Value) bool { return unchangeable() },
		SetIdx:            func(*goja.Object, int, goja.Value, goja.Value) bool { return unchangeable() },
		SetSym:            func(*goja.Object, *goja.Symbol, goja.Value, goja.Value) bool { return unchangeable() },
		DeleteProperty:    func(*goja.Object, string) bool { return unchangeable() },
		DeletePropertyIdx: func(*goja.Object, int) bool { return unchangeable() },
		DeletePropertySym: func(*goja.Object, *goja.Symbol) bool { return unchangeable() },
	})
	return g.vm.Goja().ToValue(proxy).(*goja.Object)
}

// readable lists what Object.keys shows.
func (g *guest) readable() []string {
	if g.state.App == "" {
		return contextKeys[:len(contextKeys)-1]
	}
	return contextKeys
}

func (g *guest) contextMember(name string) goja.Value {
	switch name {
	case "api":
		return apiMembers.NewObject(g.vm)
	case "events":
		return eventsMembers.NewObject(g.vm)
	case "plugin":
		return pluginMembers.NewObject(g.vm)
	default:
		return jsruntime.LogMembers.NewObject(g.vm)
	}
}

var pluginMembers = jsruntime.Members{
	{Name: "name", Make: func(v *jsruntime.VM) goja.Value { return v.Goja().ToValue(of(v).room.setup.Plugin) }},
	{Name: "version", Make: func(v *jsruntime.VM) goja.Value { return v.Goja().ToValue(of(v).room.setup.Version) }},
}

// appValue is context.app; each push of another one makes it anew.
func (g *guest) appValue() goja.Value {
	if g.state.App == "" {
		g.throwType("Access to app is not allowed")
	}
	if g.app == nil {
		value, err := g.parse(g.state.App)
		if err != nil {
			panic(err)
		}
		g.app = value
	}
	return g.app
}

// apiMembers is context.api, by capability.
var apiMembers = slices.Concat(
	messagesMembers, uiMembers, storageAccessMembers, apiEventsMembers,
	settingsMembers, commandsMembers, scheduleMembers, laterMembers,
)
