package guest

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
)

// maxJSON bounds one value that leaves the VM, in bytes.
const maxJSON = 8 << 20

var (
	bytesType = reflect.TypeFor[[]byte]()
	proxyType = reflect.TypeFor[goja.Proxy]()
)

// appendValue writes a value of the plugin: JSON, undefined, or a byte array
// where bytes are allowed. It may run the plugin's code (getters, toJSON), here,
// in the plugin's VM, and nowhere else.
func (g *guest) appendValue(e *bridge.Encoder, value goja.Value, bytes bool) {
	if object, ok := value.(*goja.Object); ok && bytes && object.ExportType() == bytesType && object.ClassName() != "Array" {
		if data, ok := object.Export().([]byte); ok {
			e.Bytes(data)
			return
		}
	}
	w := &jsonWriter{guest: g}
	if !w.value("", value, 0) {
		e.Undefined()
		return
	}
	e.JSON(string(w.out))
}

// toJSON is the JSON of a value that must have one.
func (g *guest) toJSON(what string, value goja.Value) string {
	w := &jsonWriter{guest: g}
	if !w.value("", value, 0) {
		g.throwType("%s: wanted a JSON value", what)
	}
	return string(w.out)
}

// toValue makes a value of what crossed.
func (g *guest) toValue(v bridge.Value) (goja.Value, error) {
	switch v.Kind {
	case bridge.KindBool:
		return g.vm.Goja().ToValue(v.Num == 1), nil
	case bridge.KindNumber:
		return g.number(v.Num), nil
	case bridge.KindString:
		return g.vm.Goja().ToValue(v.Text), nil
	case bridge.KindJSON:
		return g.parse(v.Text)
	case bridge.KindBytes:
		buffer := g.vm.Goja().NewArrayBuffer([]byte(v.Text))
		return g.vm.Goja().New(g.engine.bytes, g.vm.Goja().ToValue(buffer))
	default:
		return goja.Undefined(), nil
	}
}

// number is n as the engine likes it: whole numbers as integers.
func (g *guest) number(n float64) goja.Value {
	if n == math.Trunc(n) && math.Abs(n) < 1<<53 && (n != 0 || !math.Signbit(n)) {
		return g.vm.Goja().ToValue(int64(n))
	}
	return g.vm.Goja().ToValue(n)
}

// jsonWriter does what JSON.stringify does, with bounds on depth and size: the
// engine's own recurses without one.
type jsonWriter struct {
	guest *guest
	out   []byte
}

// value writes v and reports whether it has a JSON form.
func (w *jsonWriter) value(key string, v goja.Value, depth int) bool {
	if len(w.out) > maxJSON {
		w.guest.throw(bridge.Errorf(bridge.RangeErrorName, "value is over %d MiB", maxJSON>>20))
	}
	switch x := v.(type) {
	case nil:
		return false
	case *goja.Symbol:
		return false
	case *goja.Object:
		return w.object(key, x, depth)
	case goja.String:
		w.string(x)
		return true
	}
	switch {
	case goja.IsUndefined(v):
		return false
	case goja.IsNull(v):
		w.out = append(w.out, "null"...)
	case goja.IsNumber(v):
		w.number(v.ToFloat())
	case v.ExportType().Kind() == reflect.Bool:
		w.out = strconv.AppendBool(w.out, v.ToBoolean())
	default:
		w.guest.throwType("a BigInt has no JSON form")
	}
	return true
}

func (w *jsonWriter) number(n float64) {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		w.out = append(w.out, "null"...)
		return
	}
	if n == 0 {
		n = 0 // JSON has no -0 in JavaScript
	}
	text, err := json.Marshal(n)
	if err != nil {
		panic(err) // finite numbers have JSON
	}
	w.out = append(w.out, text...)
}

// string writes a string of the VM. A surrogate without its other half has no
// UTF-8, but JSON can name it.
func (w *jsonWriter) string(s goja.String) {
	text := s.String()
	if !strings.ContainsRune(text, utf8.RuneError) {
		w.text(text)
		return
	}
	w.out = append(w.out, '"')
	for i := 0; i < s.Length(); i++ {
		unit := rune(s.CharAt(i))
		if utf16.IsSurrogate(unit) {
			if i+1 < s.Length() {
				if r := utf16.DecodeRune(unit, rune(s.CharAt(i+1))); r != utf8.RuneError {
					w.out = utf8.AppendRune(w.out, r)
					i++
					continue
				}
			}
			w.out = fmt.Appendf(w.out, `\u%04x`, unit)
			continue
		}
		before := len(w.out)
		w.text(string(unit))
		// Without the quotes around the one character.
		w.out = append(w.out[:before], w.out[before+1:len(w.out)-1]...)
	}
	w.out = append(w.out, '"')
}

func (w *jsonWriter) text(s string) {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			text, err := json.Marshal(s)
			if err != nil {
				panic(err) // strings have JSON
			}
			w.out = append(w.out, text...)
			return
		}
	}
	w.out = append(w.out, '"')
	w.out = append(w.out, s...)
	w.out = append(w.out, '"')
}

func (w *jsonWriter) object(key string, o *goja.Object, depth int) bool {
	if depth >= bridge.MaxDepth {
		w.guest.throwType("value is nested past %d levels, or contains itself", bridge.MaxDepth)
	}
	if toJSON, ok := goja.AssertFunction(o.Get("toJSON")); ok {
		v, err := toJSON(o, w.guest.vm.Goja().ToValue(key))
		if err != nil {
			panic(err)
		}
		if replaced, ok := v.(*goja.Object); !ok {
			return w.value(key, v, depth)
		} else {
			o = replaced
		}
	}
	if _, ok := goja.AssertFunction(o); ok {
		return false
	}
	switch class := o.ClassName(); {
	case isArray(o):
		w.array(o, depth)
	case class == "Number":
		w.number(o.ToFloat())
	case class == "String":
		w.text(o.String())
	case class == "Boolean":
		return w.value(key, w.guest.vm.Goja().ToValue(o.String() == "true"), depth)
	default:
		w.members(o, depth)
	}
	return true
}

// isArray is Array.isArray: a Proxy of an array is one.
func isArray(o *goja.Object) bool {
	for o != nil && o.ExportType() == proxyType {
		proxy, ok := o.Export().(goja.Proxy)
		if !ok {
			return false
		}
		o = proxy.Target() // nil where it was revoked
	}
	return o != nil && o.ClassName() == "Array"
}

func (w *jsonWriter) array(o *goja.Object, depth int) {
	w.out = append(w.out, '[')
	n := o.Get("length").ToInteger()
	for i := int64(0); i < n; i++ {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		index := strconv.FormatInt(i, 10)
		if !w.value(index, o.Get(index), depth+1) {
			w.out = append(w.out, "null"...)
		}
	}
	w.out = append(w.out, ']')
}

func (w *jsonWriter) members(o *goja.Object, depth int) {
	w.out = append(w.out, '{')
	first := true
	for _, key := range o.Keys() {
		before := len(w.out)
		if !first {
			w.out = append(w.out, ',')
		}
		member := o.Get(key)
		if member == nil && strings.ContainsRune(key, utf8.RuneError) {
			w.guest.throwType("a key is not valid Unicode text")
		}
		w.text(key)
		w.out = append(w.out, ':')
		if w.value(key, member, depth+1) {
			first = false
		} else {
			w.out = w.out[:before]
		}
	}
	w.out = append(w.out, '}')
}

// textOf reads an optional string member; anything else but undefined throws.
func (g *guest) textOf(o *goja.Object, name string) string {
	v := o.Get(name)
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return ""
	}
	text, ok := v.(goja.String)
	if !ok {
		g.throwType("%s: wanted a string", name)
	}
	return text.String()
}

// object reads an argument that must be an object.
func (g *guest) object(what string, value goja.Value) *goja.Object {
	o, ok := value.(*goja.Object)
	if !ok {
		g.throwType("%s: wanted an object", what)
	}
	return o
}

// text reads an argument that must be a string.
func (g *guest) text(what string, value goja.Value) string {
	s, ok := value.(goja.String)
	if !ok {
		g.throwType("%s: wanted a string", what)
	}
	return s.String()
}

// options reads an argument that may be left out.
func (g *guest) options(what string, value goja.Value) *goja.Object {
	if value == nil || goja.IsUndefined(value) || goja.IsNull(value) {
		return nil
	}
	return g.object(what, value)
}
