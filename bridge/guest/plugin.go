package guest

import (
	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

// initialize evaluates the bundle, makes the plugin and calls its initialize.
func (g *guest) initialize(c bridge.Call) {
	fail := func(err error) { g.finish(c, crossing(err)) }
	program, err := g.room.program()
	if err != nil {
		fail(err)
		return
	}
	g.vm.Prepare()
	g.engine.prepare(g.vm)
	body, err := g.vm.Run(program)
	if err != nil {
		fail(err)
		return
	}
	start, ok := goja.AssertFunction(body)
	if !ok {
		fail(&jsruntime.Error{Name: "TypeError", Message: "the bundle is not a function"})
		return
	}
	exports, err := g.vm.Call(start, goja.Undefined())
	if err != nil {
		fail(err)
		return
	}
	g.vm.SetCause(uint64(c.Cause))
	g.vm.Settle(exports, func(exports goja.Value, err error) {
		if err != nil {
			fail(err)
			return
		}
		g.vm.SetCause(uint64(c.Cause))
		result, err := g.vm.Enter(func() (goja.Value, error) { return g.begin(exports) })
		if err != nil {
			fail(err)
			return
		}
		g.vm.Settle(result, func(_ goja.Value, err error) {
			if err != nil {
				fail(err)
				return
			}
			g.finish(c, nil)
		})
	})
}

// begin makes the instance from the entry's default export, gives it its
// context, and calls initialize.
func (g *guest) begin(exports goja.Value) (result goja.Value, err error) {
	thrown := g.vm.Goja().Try(func() { result, err = g.makeInstance(exports) })
	if thrown != nil {
		return nil, thrown
	}
	return result, err
}

func (g *guest) makeInstance(exports goja.Value) (goja.Value, error) {
	module, ok := exports.(*goja.Object)
	if !ok {
		return nil, &jsruntime.Error{Name: "TypeError", Message: "the entry module has no exports"}
	}
	plugin, ok := module.Get("default").(*goja.Object)
	if !ok {
		return nil, &jsruntime.Error{Name: "TypeError", Message: "the entry module's default export must be an object or a class with initialize(context); found none"}
	}
	if construct, ok := goja.AssertConstructor(plugin); ok {
		made, err := construct(nil)
		if err != nil {
			return nil, err
		}
		plugin = made
	}
	initialize, ok := goja.AssertFunction(plugin.Get("initialize"))
	if !ok {
		return nil, &jsruntime.Error{Name: "TypeError", Message: "the plugin has no initialize(context) method"}
	}
	g.instance, g.context = plugin, g.newContext()
	if err := plugin.Set("context", g.context); err != nil {
		return nil, err
	}
	return initialize(plugin, g.context)
}

// destroy calls the plugin's destroy, where it has one.
func (g *guest) destroy(c bridge.Call) {
	if g.instance == nil {
		g.finish(c, nil)
		return
	}
	result, err := g.vm.Enter(func() (value goja.Value, err error) {
		thrown := g.vm.Goja().Try(func() {
			if destroy, ok := goja.AssertFunction(g.instance.Get("destroy")); ok {
				value, err = destroy(g.instance)
			}
		})
		if thrown != nil {
			return nil, thrown
		}
		return value, err
	})
	if err != nil {
		g.finish(c, crossing(err))
		return
	}
	g.vm.Settle(result, func(_ goja.Value, err error) {
		if err != nil {
			g.finish(c, crossing(err))
			return
		}
		g.finish(c, nil)
	})
}
