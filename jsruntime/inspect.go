package jsruntime

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// Bounds of what a value is shown as; Node's are 2, 100, 10,000 and none.
const (
	inspectDepth  = 2
	inspectItems  = 100
	inspectString = 10_000
	inspectBytes  = 16 << 10
)

// Inspect shows a value as Node's console does, on one line and cut to a bound.
// Getters are named and proxies looked through, as in Node; still it may run the
// plugin's code (a toStringTag, the name of an error), so it is for use inside
// an entry. It does not throw.
func (v *VM) Inspect(value goja.Value) string { return v.inspect(value, inspectDepth) }

func (v *VM) inspect(value goja.Value, most int) string {
	i := &inspector{vm: v, most: most}
	i.value(value, 0, false)
	return clip(string(i.out), inspectBytes)
}

// inspector writes one value. Its methods may panic with what JavaScript throws,
// but for value and object, which show that.
type inspector struct {
	vm   *VM
	most int // depth
	out  []byte
	seen []*seen // objects that are being shown, outermost first
	refs int     // of them, those that were met inside themselves
}

type seen struct {
	object *goja.Object
	start  int // where it begins in out
	ref    int // its number, once it was met inside itself
}

func (i *inspector) write(text string) { i.out = append(i.out, text...) }

func (i *inspector) full() bool { return len(i.out) > inspectBytes }

func (i *inspector) value(value goja.Value, depth int, quoted bool) {
	if i.full() {
		return
	}
	switch x := value.(type) {
	case nil:
		i.write("undefined")
	case *goja.Object:
		i.object(x, depth)
	case *goja.Symbol:
		i.write(symbolText(x))
	case goja.String:
		if quoted {
			i.write(quote(x))
		} else {
			i.write(text(x, inspectBytes))
		}
	default:
		i.write(primitiveText(value))
	}
}

func symbolText(s *goja.Symbol) string { return "Symbol(" + clip(s.String(), 200) + ")" }

// primitiveText is for what is neither a string, a symbol nor an object.
func primitiveText(value goja.Value) string {
	switch {
	case goja.IsBigInt(value):
		return clip(value.String(), inspectBytes) + "n"
	case goja.IsNumber(value):
		return numberText(value.ToFloat())
	default:
		return value.String()
	}
}

// numberText is Number.prototype.toString, but that it tells -0 from 0.
func numberText(n float64) string {
	switch {
	case n == 0 && math.Signbit(n):
		return "-0"
	case math.IsNaN(n):
		return "NaN"
	case math.IsInf(n, 1):
		return "Infinity"
	case math.IsInf(n, -1):
		return "-Infinity"
	case math.Abs(n) < 1e21 && math.Abs(n) >= 1e-6 || n == 0:
		return strconv.FormatFloat(n, 'f', -1, 64)
	default:
		text := strconv.FormatFloat(n, 'e', -1, 64)
		return strings.Replace(strings.Replace(text, "e+0", "e+", 1), "e-0", "e-", 1)
	}
}

// text is at most n units of a string, without copying the rest.
func text(s goja.String, n int) string {
	if s.Length() > n {
		return s.Substring(0, n).String() + "…"
	}
	return s.String()
}

// quote shows a string as a literal: in the first kind of quotes that is not in
// it, with control characters and halves of surrogate pairs escaped.
func quote(s goja.String) string {
	n := min(s.Length(), inspectString)
	units := make([]uint16, n)
	single, double, back := false, false, false
	for k := range units {
		units[k] = s.CharAt(k)
		single = single || units[k] == '\''
		double = double || units[k] == '"'
		back = back || units[k] == '`' || units[k] == '$' && k+1 < n && s.CharAt(k+1) == '{'
	}
	mark := byte('\'')
	if single && !double {
		mark = '"'
	} else if single && !back {
		mark = '`'
	}
	out := append(make([]byte, 0, n+2), mark)
	for k := 0; k < n; k++ {
		r := rune(units[k])
		if utf16.IsSurrogate(r) {
			if k+1 < n {
				if pair := utf16.DecodeRune(r, rune(units[k+1])); pair != utf8.RuneError {
					out = utf8.AppendRune(out, pair)
					k++
					continue
				}
			}
			out = append(out, `\u`+strconv.FormatInt(int64(r), 16)...)
			continue
		}
		out = appendEscaped(out, r, mark)
	}
	out = append(out, mark)
	if more := s.Length() - n; more > 0 {
		out = append(out, "... "+counted(more, "more character", "more characters")...)
	}
	return string(out)
}

func appendEscaped(out []byte, r rune, mark byte) []byte {
	const short = "\b\t\n\f\r"
	switch {
	case r == rune(mark) || r == '\\':
		return append(out, '\\', byte(r))
	case r < ' ' && strings.IndexByte(short, byte(r)) >= 0:
		return append(out, '\\', "btnfr"[strings.IndexByte(short, byte(r))])
	case r < ' ' || r >= 0x7f && r <= 0x9f:
		hex := strings.ToUpper(strconv.FormatInt(int64(r), 16))
		return append(out, `\x`+strings.Repeat("0", 2-len(hex))+hex...)
	default:
		return utf8.AppendRune(out, r)
	}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// object shows o, or where it is inside itself a reference to it.
func (i *inspector) object(o *goja.Object, depth int) {
	o, ok := behindProxies(o)
	if !ok {
		i.write("<Revoked Proxy>")
		return
	}
	for _, above := range i.seen {
		if above.object.SameAs(o) {
			if above.ref == 0 {
				i.refs++
				above.ref = i.refs
			}
			i.write("[Circular *" + strconv.Itoa(above.ref) + "]")
			return
		}
	}
	me := &seen{object: o, start: len(i.out)}
	i.seen = append(i.seen, me)
	// What the plugin's code throws must not make logging throw.
	if thrown := i.vm.goja.Try(func() { i.byKind(o, depth) }); thrown != nil {
		i.write("[unreadable]")
	}
	// What threw inside may have left its own behind.
	i.seen = i.seen[:slices.Index(i.seen, me)]
	if me.ref > 0 {
		i.out = slices.Insert(i.out, me.start, []byte("<ref *"+strconv.Itoa(me.ref)+"> ")...)
	}
}

// behindProxies is the object behind a proxy of a proxy, without running their
// traps; ok is false where one was revoked.
func behindProxies(o *goja.Object) (*goja.Object, bool) {
	for o.ExportType() == proxyType {
		proxy, ok := o.Export().(goja.Proxy)
		if !ok || proxy.Handler() == nil {
			return nil, false
		}
		o = proxy.Target()
	}
	return o, true
}
