package jsruntime

import "github.com/dop251/goja"

// Member is one property of an object that the host gives to JavaScript; Make
// makes its value at the first use in a VM.
type Member struct {
	Name string
	Make func(*VM) goja.Value
}

// Members describes such an object. One description serves every VM: what a
// plugin does not touch costs it nothing.
type Members []Member

// NewObject makes the object in v: its members can be read and listed, and
// nothing in it can be set, defined or deleted.
func (m Members) NewObject(v *VM) *goja.Object {
	return v.goja.NewDynamicObject(&lazyObject{vm: v, members: m})
}

type lazyObject struct {
	vm      *VM
	members Members
	made    []goja.Value // by index of members; nil until the first use
}

func (o *lazyObject) index(key string) int {
	for i := range o.members {
		if o.members[i].Name == key {
			return i
		}
	}
	return -1
}

func (o *lazyObject) Get(key string) goja.Value {
	i := o.index(key)
	if i < 0 {
		return nil
	}
	if o.made == nil {
		o.made = make([]goja.Value, len(o.members))
	}
	if o.made[i] == nil {
		o.made[i] = o.members[i].Make(o.vm)
	}
	return o.made[i]
}

func (o *lazyObject) Has(key string) bool         { return o.index(key) >= 0 }
func (o *lazyObject) Set(string, goja.Value) bool { return false }
func (o *lazyObject) Delete(key string) bool      { return o.index(key) < 0 }

func (o *lazyObject) Keys() []string {
	keys := make([]string, len(o.members))
	for i := range o.members {
		keys[i] = o.members[i].Name
	}
	return keys
}

// Native makes a member that is a function.
func Native(name string, fn func(*VM, goja.FunctionCall) goja.Value) Member {
	return Member{name, func(v *VM) goja.Value {
		value := v.goja.ToValue(func(call goja.FunctionCall) goja.Value { return fn(v, call) })
		object := value.(*goja.Object)
		_ = object.DefineDataProperty("name", v.goja.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
		return value
	}}
}
