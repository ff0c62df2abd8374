package jsruntime

import (
	"errors"

	"github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/buffer"
	"github.com/dop251/goja_nodejs/require"
	"github.com/dop251/goja_nodejs/url"
)

// registry finds goja_nodejs's own modules and no file: a plugin is bundled, and
// has nothing to require at run time.
var registry = require.NewRegistry(require.WithLoader(func(string) ([]byte, error) {
	return nil, errors.New("a plugin cannot load files")
}))

// nodeModule loads one of goja_nodejs's modules and leaves no require behind.
func nodeModule(v *VM, name string) *goja.Object {
	req := registry.Enable(v.goja)
	defer func() { _ = v.goja.GlobalObject().Delete("require") }()
	module, err := req.Require(name)
	if err != nil {
		v.Throw(err)
	}
	return module.ToObject(v.goja)
}

func nodeBuffer(v *VM) goja.Value { return nodeModule(v, buffer.ModuleName).Get("Buffer") }

func nodeURL(v *VM, name string) goja.Value { return nodeModule(v, url.ModuleName).Get(name) }
