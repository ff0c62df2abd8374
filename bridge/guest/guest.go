package guest

import (
	"encoding/json"
	"slices"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

// guest is one generation on its VM's goroutine.
type guest struct {
	room  *Room
	vm    *jsruntime.VM // nil before the first call
	state bridge.State

	instance *goja.Object
	context  *goja.Object
	storage  *goja.Object
	app      goja.Value // context.app as it was made from state.App

	lastID        uint32
	registrations []*registration // in the order of registering
	schema        chat.Schema

	engine engine
	args   []goja.Value // of the call being made; reused
}

// registration is one handler that the plugin gave to the host.
type registration struct {
	id      uint32
	kind    bridge.Op
	event   string // OpSubscribe
	plugins bool   // OpListen: other plugins' messages too
	once    bool   // OpSubscribe
	fn      goja.Callable
	value   *goja.Object // the function, for off
}

func newGuest(r *Room) *guest { return &guest{room: r, state: r.setup.State} }

// of is the guest that a VM belongs to.
func of(v *jsruntime.VM) *guest { return v.Owner().(*guest) }

func (g *guest) push(s bridge.State) {
	if s.App != g.state.App {
		g.app = nil
	}
	g.state = s
}

// require throws unless the pushed copy of grants has the permission. It serves
// what must throw at once; the host checks again.
func (g *guest) require(resource, action string) {
	if !slices.Contains(g.state.Grants, resource+":"+action) {
		g.throw(bridge.Denied(resource, action))
	}
}

func (g *guest) throw(err *bridge.Error) {
	g.vm.Throw(&jsruntime.Error{Name: err.Name, Message: err.Message})
}

func (g *guest) throwType(format string, args ...any) {
	g.throw(bridge.Errorf(bridge.TypeErrorName, format, args...))
}

// register keeps a handler, tells the host, and returns the Disposable. encode
// appends what follows the id.
func (g *guest) register(reg *registration, encode func(*bridge.Encoder)) goja.Value {
	g.lastID++
	reg.id = g.lastID
	g.registrations = append(g.registrations, reg)
	var e bridge.Encoder
	e.Number(float64(reg.id))
	if encode != nil {
		encode(&e)
	}
	g.notify(reg.kind, &e)
	return g.disposable(reg)
}

// dispose takes a registration back; doing so twice is allowed.
func (g *guest) dispose(reg *registration) {
	for i, r := range g.registrations {
		if r == reg {
			g.registrations = slices.Delete(g.registrations, i, i+1)
			var e bridge.Encoder
			e.Number(float64(reg.id))
			g.notify(bridge.OpDispose, &e)
			return
		}
	}
}

// disposable is what every act that registers returns.
func (g *guest) disposable(reg *registration) *goja.Object {
	object := g.vm.Goja().NewObject()
	dispose := g.vm.Goja().ToValue(func(goja.FunctionCall) goja.Value {
		g.dispose(reg)
		return goja.Undefined()
	})
	_ = object.Set("dispose", dispose)
	if g.engine.symbolDispose != nil {
		_ = object.SetSymbol(g.engine.symbolDispose, dispose)
	}
	return object
}

// find is the registration of an id, or nil.
func (g *guest) find(id uint32) *registration {
	for _, r := range g.registrations {
		if r.id == id {
			return r
		}
	}
	return nil
}

// handler reads a function argument.
func (g *guest) handler(name string, value goja.Value) (goja.Callable, *goja.Object) {
	fn, ok := goja.AssertFunction(value)
	if !ok {
		g.throwType("%s takes a function", name)
	}
	return fn, value.(*goja.Object)
}

// report tells the host of an error that no call carries.
func (g *guest) report(err error) {
	var e bridge.Encoder
	e.AppendError(crossing(err))
	g.notify(bridge.OpReport, &e)
}

// dispatch starts one call. Every path ends in finish, now or later.
func (g *guest) dispatch(v *jsruntime.VM, c bridge.Call) {
	if g.vm == nil {
		g.vm = v
		v.SetOwner(g)
	}
	decoder := c.Args.Decode()
	d := &decoder
	switch c.Kind {
	case bridge.Initialize:
		g.initialize(c)
	case bridge.Destroy:
		g.destroy(c)
	case bridge.Message:
		g.message(c, d)
	case bridge.Intercept:
		g.intercept(c, d)
	case bridge.Event:
		g.event(c, d)
	case bridge.Settings:
		g.settingsChanged(c)
	case bridge.Command, bridge.Job, bridge.Click:
		g.invoke(c, d)
	default:
		g.finish(c, bridge.Errorf(bridge.NotSupportedErrorName, "unknown call %d", c.Kind))
	}
}

func (g *guest) finish(c bridge.Call, err *bridge.Error) {
	g.room.finish(c.Cause, bridge.Result{Err: err})
}

// invoke calls one handler with one JSON value.
func (g *guest) invoke(c bridge.Call, d *bridge.Decoder) {
	text := d.JSON()
	reg := g.find(c.Handler)
	if d.Err() != nil || reg == nil {
		g.finish(c, bridge.Errorf("Error", "%s: its handler is gone", c.Kind))
		return
	}
	g.run(c, []*registration{reg}, func(reg *registration) (goja.Value, error) {
		value, err := g.parse(text)
		if err != nil {
			return nil, err
		}
		return reg.fn(goja.Undefined(), value)
	})
}

// run calls each handler as an entry of its own and ends the call when the last
// has settled. The first error is the call's, further ones are reported.
func (g *guest) run(c bridge.Call, regs []*registration, call func(*registration) (goja.Value, error)) {
	left := 1
	var first *bridge.Error
	settled := func(_ goja.Value, err error) {
		if err != nil {
			if first == nil {
				first = crossing(err)
			} else {
				g.report(err)
			}
		}
		if left--; left == 0 {
			g.finish(c, first)
		}
	}
	for _, reg := range regs {
		if g.vm.Failed() != nil {
			return // the room is about to end, and fails its open calls
		}
		left++
		// The entry before may have run reactions of other calls.
		g.vm.SetCause(uint64(c.Cause))
		value, err := g.vm.Enter(func() (goja.Value, error) { return call(reg) })
		if err != nil {
			settled(nil, err)
		} else {
			g.vm.Settle(value, settled)
		}
	}
	settled(nil, nil)
}

// jsonOf is JSON of a Go value of ours, which cannot fail.
func jsonOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}
