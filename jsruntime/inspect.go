package jsruntime

import (
	"math"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// Bounds of what a value is shown as; Node's are 2, 100 and none.
const (
	inspectDepth = 2
	inspectItems = 100
	inspectBytes = 16 << 10
)

// Inspect shows a value as Node's console does, cut to a bound. It may run the
// plugin's getters and proxies, so it is for use inside an entry.
func (v *VM) Inspect(value goja.Value) string {
	i := &inspector{vm: v}
	i.value(value, 0, false)
	return clip(i.out.String(), inspectBytes)
}

// format joins the arguments of a console call: directives in a leading string
// are filled in, strings stand as they are, all else is inspected.
func (v *VM) format(args []goja.Value) string {
	if len(args) == 0 {
		return ""
	}
	var b strings.Builder
	rest := args
	if pattern, ok := args[0].(goja.String); ok {
		rest = v.directives(&b, pattern.String(), args[1:])
	} else {
		rest = args[1:]
		b.WriteString(v.Inspect(args[0]))
	}
	for _, arg := range rest {
		b.WriteByte(' ')
		if text, ok := arg.(goja.String); ok {
			b.WriteString(text.String())
		} else {
			b.WriteString(v.Inspect(arg))
		}
		if b.Len() > inspectBytes {
			break
		}
	}
	return clip(b.String(), inspectBytes)
}

// directives fills %s, %d, %i, %f, %j, %o, %O and %c, and returns the arguments
// that are left.
func (v *VM) directives(b *strings.Builder, pattern string, args []goja.Value) []goja.Value {
	for {
		at := strings.IndexByte(pattern, '%')
		if at < 0 || at == len(pattern)-1 {
			b.WriteString(pattern)
			return args
		}
		b.WriteString(pattern[:at])
		verb := pattern[at+1]
		pattern = pattern[at+2:]
		switch {
		case verb == '%':
			b.WriteByte('%')
		case strings.IndexByte("sdifjoOc", verb) < 0 || len(args) == 0:
			b.WriteByte('%')
			b.WriteByte(verb)
		default:
			v.directive(b, verb, args[0])
			args = args[1:]
		}
	}
}

func (v *VM) directive(b *strings.Builder, verb byte, arg goja.Value) {
	text, isText := arg.(goja.String)
	switch verb {
	case 'c': // CSS has no meaning here
	case 's':
		if isText {
			b.WriteString(text.String())
		} else {
			b.WriteString(v.Inspect(arg))
		}
	case 'd', 'i', 'f':
		if _, isObject := arg.(*goja.Object); isObject {
			b.WriteString("NaN")
			return
		}
		n := arg.ToFloat()
		if verb == 'i' {
			n = math.Trunc(n)
		}
		b.WriteString(numberText(n))
	default:
		b.WriteString(v.Inspect(arg))
	}
}

type inspector struct {
	vm   *VM
	out  strings.Builder
	seen []*goja.Object
}

func (i *inspector) full() bool { return i.out.Len() > inspectBytes }

func (i *inspector) value(value goja.Value, depth int, quoted bool) {
	if i.full() {
		return
	}
	switch x := value.(type) {
	case nil:
		i.out.WriteString("undefined")
	case *goja.Object:
		i.object(x, depth)
	case *goja.Symbol:
		i.out.WriteString("Symbol(" + x.String() + ")")
	case goja.String:
		if depth > 0 || quoted {
			i.out.WriteString(quote(clip(x.String(), inspectBytes)))
		} else {
			i.out.WriteString(clip(x.String(), inspectBytes))
		}
	default:
		if goja.IsNumber(value) {
			i.out.WriteString(numberText(value.ToFloat()))
			return
		}
		i.out.WriteString(value.String())
		if strings.HasSuffix(exportName(value), "big.Int") {
			i.out.WriteByte('n')
		}
	}
}

func exportName(value goja.Value) string {
	if t := value.ExportType(); t != nil {
		return t.String()
	}
	return ""
}

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

func quote(text string) string {
	return "'" + strings.NewReplacer("\\", "\\\\", "'", "\\'", "\n", "\\n", "\r", "\\r", "\t", "\\t").Replace(text) + "'"
}

func (i *inspector) object(o *goja.Object, depth int) {
	for _, above := range i.seen {
		if above.SameAs(o) {
			i.out.WriteString("[Circular]")
			return
		}
	}
	i.seen = append(i.seen, o)
	defer func() { i.seen = i.seen[:len(i.seen)-1] }()
	// A getter or a trap that throws must not make logging throw.
	if thrown := i.vm.goja.Try(func() { i.byClass(o, depth) }); thrown != nil {
		i.out.WriteString("[unreadable]")
	}
}

func (i *inspector) byClass(o *goja.Object, depth int) {
	switch class := o.ClassName(); class {
	case "Function", "AsyncFunction", "GeneratorFunction":
		name := textProperty(o, "name", "")
		if name == "" {
			name = "(anonymous)"
		}
		i.out.WriteString("[" + class + ": " + name + "]")
	case "Array":
		i.array(o, depth)
	case "Error":
		i.error(o)
	case "Date", "RegExp":
		i.out.WriteString(o.String())
	case "Map", "Set":
		i.collection(o, class, depth)
	default:
		if p := asPromise(o); p != nil {
			i.out.WriteString("Promise { " + []string{"<pending>", "<fulfilled>", "<rejected>"}[p.State()] + " }")
			return
		}
		i.plain(o, depth)
	}
}

func (i *inspector) error(o *goja.Object) {
	d := i.vm.describe(o, nil, 0)
	name := d.Name
	if d.Message != "" {
		name += ": " + d.Message
	}
	i.out.WriteString(name)
	if stack := d.Stack(); stack != "" {
		i.out.WriteString("\n    at " + strings.ReplaceAll(stack, "\n", "\n    at "))
	}
}

func (i *inspector) array(o *goja.Object, depth int) {
	n := int(o.Get("length").ToInteger())
	if n == 0 {
		i.out.WriteString("[]")
		return
	}
	if depth > inspectDepth {
		i.out.WriteString("[Array]")
		return
	}
	i.out.WriteString("[ ")
	for k := 0; k < n; k++ {
		if k > 0 {
			i.out.WriteString(", ")
		}
		if k == inspectItems || i.full() {
			i.out.WriteString("... " + strconv.Itoa(n-k) + " more items")
			break
		}
		i.value(o.Get(strconv.Itoa(k)), depth+1, true)
	}
	i.out.WriteString(" ]")
}

func (i *inspector) collection(o *goja.Object, class string, depth int) {
	i.out.WriteString(class + "(" + o.Get("size").String() + ") {")
	if depth > inspectDepth {
		i.out.WriteString("…}")
		return
	}
	k := 0
	i.vm.goja.ForOf(o, func(item goja.Value) bool {
		if k++; k > inspectItems || i.full() {
			i.out.WriteString(", …")
			return false
		}
		if k > 1 {
			i.out.WriteByte(',')
		}
		i.out.WriteByte(' ')
		if pair, ok := item.(*goja.Object); ok && class == "Map" {
			i.value(pair.Get("0"), depth+1, true)
			i.out.WriteString(" => ")
			item = pair.Get("1")
		}
		i.value(item, depth+1, true)
		return true
	})
	i.out.WriteString(" }")
}

func (i *inspector) plain(o *goja.Object, depth int) {
	prefix := ""
	// The context of a plugin refuses unknown names, constructor among them.
	_ = i.vm.goja.Try(func() {
		if c, ok := o.Get("constructor").(*goja.Object); ok {
			if name := textProperty(c, "name", ""); name != "" && name != "Object" {
				prefix = name + " "
			}
		}
	})
	keys := o.Keys()
	if len(keys) == 0 {
		i.out.WriteString(prefix + "{}")
		return
	}
	if depth > inspectDepth {
		i.out.WriteString("[" + strings.TrimSpace(prefix+"Object") + "]")
		return
	}
	i.out.WriteString(prefix + "{ ")
	for k, key := range keys {
		if k > 0 {
			i.out.WriteString(", ")
		}
		if k == inspectItems || i.full() {
			i.out.WriteString("... " + strconv.Itoa(len(keys)-k) + " more")
			break
		}
		if plainKey(key) {
			i.out.WriteString(key)
		} else {
			i.out.WriteString(quote(clip(key, 200)))
		}
		i.out.WriteString(": ")
		var member goja.Value
		if thrown := i.vm.goja.Try(func() { member = o.Get(key) }); thrown != nil {
			i.out.WriteString("[unreadable]")
			continue
		}
		i.value(member, depth+1, true)
	}
	i.out.WriteString(" }")
}

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
