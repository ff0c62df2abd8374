package jsruntime

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// format joins the arguments of a console call as Node does: directives in a
// leading string are filled in, strings stand as they are, all else is
// inspected. It does not throw.
func (v *VM) format(args []goja.Value) string {
	var b strings.Builder
	if len(args) > 0 {
		if pattern, ok := args[0].(goja.String); ok {
			args = v.directives(&b, text(pattern, inspectBytes), args[1:])
		} else {
			b.WriteString(v.Inspect(args[0]))
			args = args[1:]
		}
	}
	for _, arg := range args {
		if b.Len() > inspectBytes {
			break
		}
		b.WriteByte(' ')
		b.WriteString(v.plainText(arg, inspectDepth))
	}
	return clip(b.String(), inspectBytes)
}

// plainText is a string as it is, and anything else inspected.
func (v *VM) plainText(arg goja.Value, depth int) string {
	if s, ok := arg.(goja.String); ok {
		return text(s, inspectBytes)
	}
	return v.inspect(arg, depth)
}

// directives fills %s, %d, %i, %f, %j, %o, %O and %c, and returns the arguments
// that are left. As in Node, a string alone is not a pattern.
func (v *VM) directives(b *strings.Builder, pattern string, args []goja.Value) []goja.Value {
	if len(args) == 0 {
		b.WriteString(pattern)
		return nil
	}
	for {
		at := strings.IndexByte(pattern, '%')
		if at < 0 || at == len(pattern)-1 || b.Len() > inspectBytes {
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
			b.WriteString(v.directive(verb, args[0]))
			args = args[1:]
		}
	}
}

func (v *VM) directive(verb byte, arg goja.Value) string {
	switch verb {
	case 'c': // CSS has no meaning here
		return ""
	case 's':
		return v.stringDirective(arg)
	case 'd', 'i', 'f':
		return v.numberDirective(verb, arg)
	case 'j':
		return v.jsonDirective(arg)
	case 'o':
		return v.inspect(arg, 4)
	default:
		return v.Inspect(arg)
	}
}

// stringDirective is String(arg) for functions and for what has a toString of
// the plugin's own.
func (v *VM) stringDirective(arg goja.Value) string {
	o, ok := arg.(*goja.Object)
	if !ok {
		return v.plainText(arg, 0)
	}
	out, own := "", false
	_ = v.goja.Try(func() {
		if o, ok = behindProxies(o); !ok {
			return
		}
		if own = isFunction(o) || v.ownToString(o); own {
			out = "[unreadable]"
			if s, ok := o.ToString().(goja.String); ok {
				out = text(s, inspectBytes)
			}
		}
	})
	if own {
		return out
	}
	return v.inspect(arg, 0)
}

// ownToString says that an object's toString is not one of the language's.
func (v *VM) ownToString(o *goja.Object) bool {
	i := &inspector{vm: v}
	for range maxPrototypes {
		if o == nil || o.ExportType() == proxyType {
			return false
		}
		if _, ok := i.own(o, v.goja.ToValue("toString")); ok {
			p, ok := i.own(o, v.goja.ToValue("constructor"))
			fn, isObject := p.value.(*goja.Object)
			if !ok || !isObject {
				return true
			}
			switch i.ownText(fn, "name") {
			case "Object", "Array", "Error", "Date", "RegExp", "Function", "String", "Number", "Boolean", "Symbol", "BigInt":
				return false
			}
			return true
		}
		o = o.Prototype()
	}
	return false
}

// What parseInt and parseFloat take of a text.
var (
	intPrefix   = regexp.MustCompile(`^[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)`)
	floatPrefix = regexp.MustCompile(`^[+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)`)
)

func (v *VM) numberDirective(verb byte, arg goja.Value) string {
	if _, isSymbol := arg.(*goja.Symbol); isSymbol {
		return "NaN"
	}
	if goja.IsBigInt(arg) && verb != 'f' {
		return primitiveText(arg)
	}
	n := math.NaN()
	// An object's valueOf may throw, or give what is no number.
	_ = v.goja.Try(func() {
		if verb == 'd' {
			n = arg.ToFloat()
			return
		}
		s := strings.TrimSpace(clip(arg.String(), 1024))
		if verb == 'f' {
			n = prefixNumber(floatPrefix.FindString(s))
			return
		}
		n = math.Trunc(prefixNumber(intPrefix.FindString(s)))
	})
	return numberText(n)
}

func prefixNumber(s string) float64 {
	if sign := strings.TrimLeft(s, "+-"); len(sign) > 1 && sign[1]|0x20 == 'x' {
		n, err := strconv.ParseUint(sign[2:], 16, 64)
		if err != nil {
			return math.NaN()
		}
		if s[0] == '-' {
			return -float64(n)
		}
		return float64(n)
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(n, 0) {
		return math.NaN()
	}
	return n
}

// jsonDirective is JSON.stringify.
func (v *VM) jsonDirective(arg goja.Value) string {
	out := "[unreadable]"
	thrown := v.goja.Try(func() {
		stringify := v.lookup("JSON", "stringify")
		if stringify == nil {
			return
		}
		value, err := stringify(goja.Undefined(), arg)
		if err != nil {
			panic(err)
		}
		if s, ok := value.(goja.String); ok {
			out = text(s, inspectBytes)
		} else {
			out = "undefined"
		}
	})
	if thrown != nil && strings.Contains(clip(thrown.Error(), 1024), "circular") {
		return "[Circular]"
	}
	return out
}
