package jsruntime

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// functionText is the kind and the name of a function or class.
func (i *inspector) functionText(o *goja.Object, kind reflect.Type) string {
	name := i.ownText(o, "name")
	constructor, ok := i.constructorName(o)
	if kind == constructorType {
		if name == "" {
			name = "(anonymous)"
		}
		if parent := o.Prototype(); parent != nil && parent.ExportType() != proxyType {
			if of := i.ownText(parent, "name"); of != "" {
				name += " extends " + of
			}
		}
		return "[class " + name + "]"
	}
	what := "Function"
	switch constructor {
	case "AsyncFunction", "GeneratorFunction", "AsyncGeneratorFunction":
		what = constructor
	}
	if !ok {
		what += " (null prototype)"
	}
	if name == "" {
		return "[" + what + " (anonymous)]"
	}
	return "[" + what + ": " + name + "]"
}

func (i *inspector) regexp(o *goja.Object) string {
	prefix := i.prefix(o, "RegExp", "")
	if prefix == "RegExp " {
		prefix = ""
	}
	return prefix + clip("/"+o.Get("source").String()+"/"+o.Get("flags").String(), inspectBytes)
}

// date is the ISO form, as Date.prototype.toISOString gives it.
func (i *inspector) date(o *goja.Object) string {
	prefix := i.prefix(o, "Date", "")
	if prefix == "Date " {
		prefix = ""
	}
	at, ok := o.Export().(time.Time)
	if !ok {
		return prefix + "Invalid Date"
	}
	at = at.UTC()
	if year := at.Year(); year < 0 || year > 9999 {
		return prefix + fmt.Sprintf("%+07d", year) + at.Format("-01-02T15:04:05.000Z")
	}
	return prefix + at.Format("2006-01-02T15:04:05.000Z")
}

// boxed is an object around a primitive.
func (i *inspector) boxed(o *goja.Object, class string, depth int) {
	inner := ""
	switch class {
	case "String":
		// The string object's own elements would be members; it has no others
		// that are worth the search.
		if s, ok := o.ToString().(goja.String); ok {
			inner = quote(s)
		}
		i.write("[String: " + inner + "]")
		return
	default:
		inner = primitiveText(i.vm.goja.ToValue(o.Export()))
	}
	i.withMembers("["+class+": "+inner+"]", o, depth)
}

func (i *inspector) promise(o *goja.Object, depth int) {
	p := asPromise(o)
	if p == nil || i.tooDeep(o, depth) {
		return
	}
	i.write(i.prefix(o, "Promise", "") + "{ ")
	switch p.State() {
	case goja.PromiseStatePending:
		i.write("<pending>")
	case goja.PromiseStateRejected:
		i.write("<rejected> ")
		i.value(p.Result(), depth+1, true)
	default:
		i.value(p.Result(), depth+1, true)
	}
	if m := i.members(o, false); len(m) > 0 {
		i.writeMembers(m, o, false, depth)
	}
	i.write(" }")
}

func (i *inspector) buffer(o *goja.Object, depth int) {
	buffer, _ := o.Export().(goja.ArrayBuffer)
	if i.tooDeep(o, depth) {
		return
	}
	bytes := buffer.Bytes()
	var shown []string
	for _, b := range bytes[:min(len(bytes), inspectItems)] {
		shown = append(shown, hex.EncodeToString([]byte{b}))
	}
	more := ""
	if n := len(bytes) - inspectItems; n > 0 {
		more = " ... " + counted(n, "more byte", "more bytes")
	}
	i.write(i.prefix(o, "ArrayBuffer", "") + "{ ")
	if buffer.Detached() {
		i.write("(detached), byteLength: 0 }")
		return
	}
	i.write("[Uint8Contents]: <" + strings.Join(shown, " ") + more + ">, byteLength: " + strconv.Itoa(len(bytes)) + " }")
}

func (i *inspector) typedArray(o *goja.Object, depth int) {
	// The elements are numbers: exporting them runs nothing and copies nothing.
	elements := reflect.ValueOf(o.Export())
	if elements.Kind() != reflect.Slice {
		i.plain(i.prefix(o, "Object", ""), o, depth)
		return
	}
	name, _ := i.constructorName(o)
	suffix := ""
	if strings.HasPrefix(name, "Big") {
		suffix = "n"
	}
	n := elements.Len()
	prefix := i.prefix(o, "TypedArray", "("+strconv.Itoa(n)+")")
	if n == 0 {
		i.write(prefix + "[]")
		return
	}
	if i.tooDeep(o, depth) {
		return
	}
	i.write(prefix + "[ ")
	for k := range n {
		if k > 0 {
			i.write(", ")
		}
		if k == inspectItems {
			i.write("... " + counted(n-k, "more item", "more items"))
			break
		}
		switch e := elements.Index(k); {
		case e.CanInt():
			i.write(strconv.FormatInt(e.Int(), 10) + suffix)
		case e.CanUint():
			i.write(strconv.FormatUint(e.Uint(), 10) + suffix)
		case e.CanFloat():
			i.write(numberText(e.Float()))
		}
	}
	i.write(" ]")
}

// error shows name, message and frames in the plugin's own lines, and what else
// the error carries.
func (i *inspector) error(o *goja.Object, depth int) {
	d := i.vm.describe(o, nil, 0)
	base := d.Name
	if d.Message != "" {
		base += ": " + d.Message
	}
	for e := d; e != nil; e = e.Cause {
		for _, f := range e.Frames {
			base += "\n    at " + f.String()
		}
		if e.Cause != nil {
			base += "\ncaused by " + e.Cause.Error()
		}
	}
	i.write(base)
	var keys []goja.Value
	for _, key := range i.members(o, false) {
		switch key.String() {
		case "name", "message", "stack", "cause", "errors":
			if _, isSymbol := key.(*goja.Symbol); !isSymbol {
				continue
			}
		}
		keys = append(keys, key)
	}
	before := " {"
	separate := func(name string) {
		i.write(before + " [" + name + "]: ")
		before = ","
	}
	if p, ok := i.own(o, i.vm.goja.ToValue("cause")); ok && d.Cause == nil && !p.get && depth <= i.most {
		separate("cause")
		i.value(p.value, depth+1, true)
	}
	if p, ok := i.own(o, i.vm.goja.ToValue("errors")); ok && !p.get && depth <= i.most {
		separate("errors")
		i.value(p.value, depth+1, true)
	}
	if len(keys) > 0 && depth <= i.most {
		i.write(before + " ")
		before = ","
		i.writeMembers(keys, o, true, depth)
	}
	if before == "," {
		i.write(" }")
	}
}
