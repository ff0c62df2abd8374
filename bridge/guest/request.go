package guest

import (
	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

// notify makes a Request that has no answer.
func (g *guest) notify(op bridge.Op, e *bridge.Encoder) {
	g.room.server.Serve(bridge.Request{Op: op, Cause: g.cause(), Args: e.Payload()}, nil)
}

// request makes a Request and returns the promise of what answer makes of its
// result.
func (g *guest) request(op bridge.Op, e *bridge.Encoder, answer func(*bridge.Decoder) (goja.Value, error)) goja.Value {
	promise, deferred, err := g.vm.Defer()
	if err != nil {
		g.throw(bridge.Errorf(bridge.BusyErrorName, "%s", err))
	}
	r := bridge.Request{Op: op, Cause: g.cause(), Args: e.Payload()}
	g.room.server.Serve(r, func(result bridge.Result) {
		deferred.Settle(func(*jsruntime.VM) (goja.Value, error) {
			if result.Err != nil {
				return nil, &jsruntime.Error{Name: result.Err.Name, Message: result.Err.Message}
			}
			d := result.Args.Decode()
			return answer(&d)
		})
	})
	return promise
}

func (g *guest) cause() bridge.Cause {
	if g.vm == nil {
		return 0
	}
	return bridge.Cause(g.vm.Cause())
}

// nothing is the answer of acts that resolve to undefined.
func nothing(d *bridge.Decoder) (goja.Value, error) { return goja.Undefined(), d.Err() }

// async makes a member that returns a promise: what its native throws, the
// promise rejects with.
func async(name string, fn func(*guest, goja.FunctionCall) goja.Value) jsruntime.Member {
	return jsruntime.Native(name, func(v *jsruntime.VM, call goja.FunctionCall) (result goja.Value) {
		g := of(v)
		thrown := v.Goja().Try(func() { result = fn(g, call) })
		if thrown == nil {
			return result
		}
		promise, _, reject := v.Goja().NewPromise()
		if err := reject(thrown.Value()); err != nil {
			panic(err)
		}
		return v.Goja().ToValue(promise)
	})
}

// direct makes a member that acts at once and throws.
func direct(name string, fn func(*guest, goja.FunctionCall) goja.Value) jsruntime.Member {
	return jsruntime.Native(name, func(v *jsruntime.VM, call goja.FunctionCall) goja.Value { return fn(of(v), call) })
}
