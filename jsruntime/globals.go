package jsruntime

import (
	"github.com/dop251/goja"
)

// globals are what every VM offers beside the language. They are members of an
// object in front of Object.prototype, so that a VM which does not use them
// does not pay for them, and a plugin can still put its own in their place.
var globals = Members{
	Native("setTimeout", func(v *VM, call goja.FunctionCall) goja.Value { return v.timers.set(call, false) }),
	Native("setInterval", func(v *VM, call goja.FunctionCall) goja.Value { return v.timers.set(call, true) }),
	Native("clearTimeout", func(v *VM, call goja.FunctionCall) goja.Value { return v.timers.unset(call) }),
	Native("clearInterval", func(v *VM, call goja.FunctionCall) goja.Value { return v.timers.unset(call) }),
	Native("queueMicrotask", queueMicrotask),
	{"console", func(v *VM) goja.Value { return consoleMembers.NewObject(v) }},
	{"Buffer", nodeBuffer},
	{"URL", func(v *VM) goja.Value { return nodeURL(v, "URL") }},
	{"URLSearchParams", func(v *VM) goja.Value { return nodeURL(v, "URLSearchParams") }},
}

func installGlobals(v *VM) {
	global := v.goja.GlobalObject()
	lazy := globals.NewObject(v)
	// Both errors would say that the engine's own global refuses a prototype.
	if err := lazy.SetPrototype(global.Prototype()); err != nil {
		panic(err)
	}
	if err := global.SetPrototype(lazy); err != nil {
		panic(err)
	}
}

func queueMicrotask(v *VM, call goja.FunctionCall) goja.Value {
	fn, ok := goja.AssertFunction(call.Argument(0))
	if !ok {
		panic(v.goja.NewTypeError("queueMicrotask takes a function"))
	}
	promise, resolve, _ := v.goja.NewPromise()
	task := func(goja.FunctionCall) goja.Value {
		if _, err := fn(goja.Undefined()); err != nil {
			panic(err)
		}
		return goja.Undefined()
	}
	if _, err := v.promiseThen()(v.goja.ToValue(promise), v.goja.ToValue(task)); err != nil {
		panic(err)
	}
	if err := resolve(goja.Undefined()); err != nil {
		panic(err)
	}
	return goja.Undefined()
}
