package jsruntime

import (
	"strings"

	"github.com/dop251/goja"
)

// missingSymbols are the well-known symbols that the engine does not have and
// lowered code looks for: for await, async generators, using, decorators.
var missingSymbols = []string{"asyncIterator", "dispose", "asyncDispose", "metadata"}

// wantsSymbols reports whether code may use one of them. Touching Symbol costs a
// VM about 8 KB, so it is left alone where nothing does.
func wantsSymbols(code string) bool {
	if strings.Contains(code, "asyncIterator") || strings.Contains(code, "asyncDispose") {
		return true
	}
	// The other two are words of their own: only beside Symbol do they count.
	return strings.Contains(code, "Symbol") && (strings.Contains(code, "dispose") || strings.Contains(code, "metadata"))
}

// addSymbols defines what is missing; an engine that has one keeps its own.
func addSymbols(v *VM) {
	symbol := v.goja.Get("Symbol").ToObject(v.goja)
	for _, name := range missingSymbols {
		if symbol.Get(name) == nil {
			// The error would say that Symbol refuses properties: it does not.
			_ = symbol.DefineDataProperty(name, goja.NewSymbol("Symbol."+name), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
		}
	}
}
