package guest

import (
	_ "embed"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/jsruntime"
)

// engine is what the guest needs of the VM, taken before the plugin's code can
// put something else in its place.
type engine struct {
	parse         goja.Callable // JSON.parse
	bytes         *goja.Object  // Uint8Array
	deliver       goja.Callable // makes a message and hands it to a handler, in one call
	update        goja.Callable // makes storage.update
	symbolDispose *goja.Symbol  // where the VM has one
}

//go:embed engine.js
var engineSource string

var engineProgram = func() *jsruntime.Program {
	p, err := jsruntime.Compile("innkeeper:engine", engineSource, nil)
	if err != nil {
		panic(err)
	}
	return p
}()

func (e *engine) prepare(v *jsruntime.VM) {
	g := v.Goja()
	e.parse, _ = goja.AssertFunction(g.Get("JSON").ToObject(g).Get("parse"))
	e.bytes = g.Get("Uint8Array").ToObject(g)
	value, err := v.Run(engineProgram)
	if err != nil {
		panic(err)
	}
	made := value.ToObject(g)
	e.deliver, _ = goja.AssertFunction(made.Get("deliver"))
	e.update, _ = goja.AssertFunction(made.Get("update"))
	e.symbolDispose, _ = g.Get("Symbol").ToObject(g).Get("dispose").(*goja.Symbol)
}

// parse makes a value of JSON that the host's half sent.
func (g *guest) parse(text string) (goja.Value, error) {
	if text == "" {
		return goja.Undefined(), nil
	}
	return g.engine.parse(goja.Undefined(), g.vm.Goja().ToValue(text))
}
