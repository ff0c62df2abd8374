package jsruntime

import (
	"strconv"

	"github.com/dop251/goja"
)

func (i *inspector) array(o *goja.Object, depth int) {
	n := int(o.Get("length").ToInteger())
	prefix := i.prefix(o, "Array", "("+strconv.Itoa(n)+")")
	if name, _ := i.constructorName(o); name == "Array" {
		prefix = ""
	}
	// Naming the keys of a long array would cost more than its elements.
	var extra []goja.Value
	if n <= 1000 {
		extra = i.members(o, true)
	}
	if n == 0 && len(extra) == 0 {
		i.write(prefix + "[]")
		return
	}
	if i.tooDeep(o, depth) {
		return
	}
	i.write(prefix + "[ ")
	shown := 0
	for k := 0; k < n; shown++ {
		if shown > 0 {
			i.write(", ")
		}
		if shown == inspectItems || i.full() {
			i.write("... " + counted(n-k, "more item", "more items"))
			break
		}
		if holes := i.holes(o, k, n); holes > 0 {
			i.write("<" + counted(holes, "empty item", "empty items") + ">")
			k += holes
			continue
		}
		if thrown := i.vm.goja.Try(func() { i.member(o, i.vm.goja.ToValue(strconv.Itoa(k)), depth) }); thrown != nil {
			i.write("[unreadable]")
		}
		k++
	}
	i.writeMembers(extra, o, shown == 0, depth)
	i.write(" ]")
}

// holes counts the missing elements from k on. After many it takes the rest for
// missing too: an array of a billion holes is made in no time.
func (i *inspector) holes(o *goja.Object, k, n int) int {
	const most = 10_000
	from := k
	for ; k < n; k++ {
		if k-from == most {
			return n - from
		}
		if o.Get(strconv.Itoa(k)) != nil {
			break
		}
	}
	return k - from
}

// collection shows a Map or a Set. It goes through it with the language's own
// iterator, whatever a subclass iterates over.
func (i *inspector) collection(o *goja.Object, isMap bool, depth int) {
	kind := "Set"
	if isMap {
		kind = "Map"
	}
	c := i.collectionOf(kind)
	size := 0
	if c.size != nil {
		if n, err := c.size(o); err == nil {
			size = int(n.ToInteger())
		}
	}
	prefix := i.prefix(o, kind, "("+strconv.Itoa(size)+")")
	extra := i.members(o, false)
	if size == 0 && len(extra) == 0 || c.iterate == nil {
		i.write(prefix + "{}")
		return
	}
	if i.tooDeep(o, depth) {
		return
	}
	i.write(prefix + "{ ")
	shown := i.items(c.iterate, o, isMap, size, depth)
	i.writeMembers(extra, o, shown == 0, depth)
	i.write(" }")
}

func (i *inspector) collectionOf(kind string) *collectionOf {
	c, method := &i.vm.intrinsics.set, "values"
	if kind == "Map" {
		c, method = &i.vm.intrinsics.maps, "entries"
	}
	if c.iterate == nil {
		c.iterate = i.vm.lookup(kind, "prototype", method)
		constructor, _ := i.vm.goja.GlobalObject().Get(kind).(*goja.Object)
		if constructor != nil {
			if proto, ok := constructor.Get("prototype").(*goja.Object); ok {
				p, _ := i.own(proto, i.vm.goja.ToValue("size"))
				c.size = p.getter
			}
		}
	}
	return c
}

func (i *inspector) items(iterate goja.Callable, o *goja.Object, isMap bool, size, depth int) (shown int) {
	made, err := iterate(o)
	if err != nil {
		panic(err)
	}
	iterator, ok := made.(*goja.Object)
	if !ok {
		return 0
	}
	next, ok := goja.AssertFunction(iterator.Get("next"))
	if !ok {
		return 0
	}
	for ; ; shown++ {
		result, err := next(iterator)
		if err != nil {
			panic(err)
		}
		step, ok := result.(*goja.Object)
		if done := goja.Value(nil); ok {
			done = step.Get("done")
			ok = done == nil || !done.ToBoolean()
		}
		if !ok {
			return shown
		}
		if shown > 0 {
			i.write(", ")
		}
		if shown == inspectItems || i.full() {
			i.write("... " + counted(max(size-shown, 1), "more item", "more items"))
			return shown + 1
		}
		item := step.Get("value")
		if pair, ok := item.(*goja.Object); ok && isMap {
			i.value(pair.Get("0"), depth+1, true)
			i.write(" => ")
			item = pair.Get("1")
		}
		i.value(item, depth+1, true)
	}
}
