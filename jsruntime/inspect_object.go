package jsruntime

import (
	"math/big"
	"reflect"
	"strconv"

	"github.com/dop251/goja"
)

// How the engine's objects are told apart: by the Go type that they would be
// exported to. A class name can be had by other objects, and asking a proxy for
// it runs its traps.
var (
	proxyType       = reflect.TypeFor[goja.Proxy]()
	mapType         = reflect.TypeFor[[][2]any]()
	setType         = reflect.TypeFor[[]any]()
	bufferType      = reflect.TypeFor[goja.ArrayBuffer]()
	constructorType = reflect.TypeFor[func(goja.ConstructorCall) *goja.Object]()
	bigIntType      = reflect.TypeFor[*big.Int]()
)

// intrinsics are the functions of the language that showing a value takes. They
// are looked up at the first value that needs them: a plugin that has put its
// own in their place spoils its own log.
type intrinsics struct {
	descriptor goja.Callable // Object.getOwnPropertyDescriptor
	maps, set  collectionOf
}

// collectionOf are the iterator and the size of Map or Set.
type collectionOf struct{ iterate, size goja.Callable }

// lookup is the function at a path of the global object, or nil.
func (v *VM) lookup(path ...string) goja.Callable {
	at := v.goja.GlobalObject()
	for _, name := range path[:len(path)-1] {
		next, ok := at.Get(name).(*goja.Object)
		if !ok {
			return nil
		}
		at = next
	}
	fn, _ := goja.AssertFunction(at.Get(path[len(path)-1]))
	return fn
}

// property is an own property as it was defined: nothing has run to read it.
type property struct {
	value      goja.Value
	get, set   bool
	getter     goja.Callable
	enumerable bool
}

func (i *inspector) own(o *goja.Object, key goja.Value) (p property, ok bool) {
	in := &i.vm.intrinsics
	if in.descriptor == nil {
		if in.descriptor = i.vm.lookup("Object", "getOwnPropertyDescriptor"); in.descriptor == nil {
			return property{}, false
		}
	}
	found, err := in.descriptor(goja.Undefined(), o, key)
	if err != nil {
		panic(err)
	}
	d, ok := found.(*goja.Object)
	if !ok {
		return property{}, false
	}
	isObject := func(name string) bool { _, ok := d.Get(name).(*goja.Object); return ok }
	p = property{value: d.Get("value"), get: isObject("get"), set: isObject("set")}
	p.getter, _ = goja.AssertFunction(d.Get("get"))
	if flag := d.Get("enumerable"); flag != nil {
		p.enumerable = flag.ToBoolean()
	}
	return p, true
}

// ownText is the text of an own data property, or "".
func (i *inspector) ownText(o *goja.Object, name string) string {
	if p, ok := i.own(o, i.vm.goja.ToValue(name)); ok {
		if s, ok := p.value.(goja.String); ok {
			return text(s, maxName)
		}
	}
	return ""
}

// constructorName is the name of the nearest constructor in the chain of
// prototypes; ok is false where there is none.
func (i *inspector) constructorName(o *goja.Object) (name string, ok bool) {
	instance := o
	for range maxPrototypes {
		if o == nil || o.ExportType() == proxyType {
			return "", false
		}
		// The context of a plugin refuses unknown names, constructor among them.
		_ = i.vm.goja.Try(func() {
			p, found := i.own(o, i.vm.goja.ToValue("constructor"))
			if fn, isObject := p.value.(*goja.Object); found && isObject && isFunction(fn) && fn.ExportType() != proxyType && i.isInstance(instance, fn) {
				name = i.ownText(fn, "name")
			}
		})
		if name != "" {
			return name, true
		}
		o = o.Prototype()
	}
	return "", false
}

// isInstance is instanceof, without running Symbol.hasInstance.
func (i *inspector) isInstance(o, constructor *goja.Object) bool {
	p, _ := i.own(constructor, i.vm.goja.ToValue("prototype"))
	proto, ok := p.value.(*goja.Object)
	for range maxPrototypes {
		if !ok || o == nil || o.ExportType() == proxyType {
			return false
		}
		if o = o.Prototype(); o != nil && o.SameAs(proto) {
			return true
		}
	}
	return false
}

// maxPrototypes is how far a chain of prototypes is followed.
const maxPrototypes = 50

func isFunction(o *goja.Object) bool {
	_, ok := goja.AssertFunction(o)
	return ok
}

// prefix is what stands before the members: the constructor, a size, and a
// toStringTag that says something else. otherwise is the kind of an object
// without a constructor. An empty prefix is that of a plain object.
func (i *inspector) prefix(o *goja.Object, otherwise, size string) string {
	name, ok := i.constructorName(o)
	if !ok {
		name = "[" + otherwise + size + ": null prototype]"
	} else {
		name += size
	}
	tag := ""
	_ = i.vm.goja.Try(func() {
		if p, own := i.own(o, goja.SymToStringTag); own && p.enumerable {
			return // it is shown as a member
		}
		if s, ok := o.GetSymbol(goja.SymToStringTag).(goja.String); ok {
			tag = text(s, maxName)
		}
	})
	switch {
	case tag != "" && tag != name && tag+size != name:
		return name + " [" + tag + "] "
	case name == "Object":
		return ""
	default:
		return name + " "
	}
}

func (i *inspector) byKind(o *goja.Object, depth int) {
	kind := o.ExportType()
	if isFunction(o) {
		i.withMembers(i.functionText(o, kind), o, depth)
		return
	}
	switch kind {
	case mapType:
		i.collection(o, true, depth)
		return
	case setType:
		if o.ClassName() != "Array" {
			i.collection(o, false, depth)
			return
		}
	case promiseType:
		i.promise(o, depth)
		return
	case bufferType:
		i.buffer(o, depth)
		return
	case bigIntType:
		i.withMembers("[BigInt: "+o.Export().(*big.Int).String()+"n]", o, depth)
		return
	}
	switch class := o.ClassName(); class {
	case "Array":
		i.array(o, depth)
	case "Error":
		i.error(o, depth)
	case "Date":
		i.withMembers(i.date(o), o, depth)
	case "RegExp":
		i.withMembers(i.regexp(o), o, depth)
	case "String", "Number", "Boolean":
		i.boxed(o, class, depth)
	case "Arguments":
		i.plain("[Arguments] ", o, depth)
	default:
		if kind.Kind() == reflect.Slice {
			i.typedArray(o, depth)
			return
		}
		i.plain(i.prefix(o, "Object", ""), o, depth)
	}
}

// plain shows an object by its members alone.
func (i *inspector) plain(prefix string, o *goja.Object, depth int) {
	if prefix == "WeakMap " || prefix == "WeakSet " {
		i.write(prefix + "{ <items unknown> }")
		return
	}
	m := i.members(o, false)
	if len(m) == 0 {
		i.write(prefix + "{}")
		return
	}
	if i.tooDeep(o, depth) {
		return
	}
	i.write(prefix + "{ ")
	i.writeMembers(m, o, true, depth)
	i.write(" }")
}

// withMembers shows what has a text of its own, and its members, if any.
func (i *inspector) withMembers(base string, o *goja.Object, depth int) {
	m := i.members(o, true)
	if len(m) == 0 {
		i.write(base)
		return
	}
	if i.tooDeep(o, depth) {
		return
	}
	i.write(base + " { ")
	i.writeMembers(m, o, true, depth)
	i.write(" }")
}

// tooDeep writes the short form of what lies too deep.
func (i *inspector) tooDeep(o *goja.Object, depth int) bool {
	if depth <= i.most {
		return false
	}
	name, ok := i.constructorName(o)
	if !ok {
		name = "Object: null prototype"
	}
	i.write("[" + name + "]")
	return true
}

// members are the own enumerable keys: names, then symbols. Those that are
// indices are left out where the object shows its elements itself.
func (i *inspector) members(o *goja.Object, noIndices bool) []goja.Value {
	var keys []goja.Value
	for _, key := range o.Keys() {
		if noIndices {
			if _, err := strconv.ParseUint(key, 10, 32); err == nil {
				continue
			}
		}
		keys = append(keys, i.vm.goja.ToValue(key))
	}
	for _, symbol := range o.Symbols() {
		if p, ok := i.own(o, symbol); ok && p.enumerable {
			keys = append(keys, symbol)
		}
	}
	return keys
}

// writeMembers writes "key: value" for each; first says that nothing stands
// before them.
func (i *inspector) writeMembers(keys []goja.Value, o *goja.Object, first bool, depth int) {
	for k, key := range keys {
		if k > 0 || !first {
			i.write(", ")
		}
		if k == inspectItems || i.full() {
			i.write("... " + strconv.Itoa(len(keys)-k) + " more")
			return
		}
		switch name := key.(type) {
		case *goja.Symbol:
			i.write("[" + symbolText(name) + "]: ")
		case goja.String:
			if key := text(name, 200); plainKey(key) {
				i.write(key + ": ")
			} else {
				i.write(quote(name) + ": ")
			}
		}
		if thrown := i.vm.goja.Try(func() { i.member(o, key, depth) }); thrown != nil {
			i.write("[unreadable]")
		}
	}
}

func (i *inspector) member(o *goja.Object, key goja.Value, depth int) {
	p, ok := i.own(o, key)
	switch {
	case !ok: // the plugin took the function away that tells
		if name, isSymbol := key.(*goja.Symbol); isSymbol {
			i.value(o.GetSymbol(name), depth+1, true)
		} else {
			i.value(o.Get(key.String()), depth+1, true)
		}
	case p.get && p.set:
		i.write("[Getter/Setter]")
	case p.get:
		i.write("[Getter]")
	case p.set:
		i.write("[Setter]")
	default:
		i.value(p.value, depth+1, true)
	}
}

// plainKey says that a key needs no quotes.
func plainKey(key string) bool {
	if key == "" || len(key) > 200 {
		return false
	}
	for i, c := range []byte(key) {
		letter := c == '_' || c == '$' || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}
