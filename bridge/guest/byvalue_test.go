package guest

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

// quietServer is a host's half that answers everything with an empty result.
type quietServer struct{}

func (s *quietServer) Serve(r bridge.Request, reply func(bridge.Result)) {
	if reply != nil {
		reply(bridge.Result{})
	}
}

func (s *quietServer) Busy(bool) {}

func (s *quietServer) Ended() {}

// foreign reports an object that stands for something of Go: through it a
// plugin would hold memory of the host.
func foreign(o *goja.Object) bool {
	switch t := o.ExportType(); t.Kind() {
	case reflect.Pointer:
		return t != reflect.TypeFor[*goja.Promise]() && !strings.HasPrefix(t.Elem().PkgPath(), "github.com/dop251/goja")
	case reflect.Struct:
		return !strings.HasPrefix(t.PkgPath(), "github.com/dop251/goja") && t.String() != "time.Time"
	case reflect.Map:
		return t != reflect.TypeFor[map[string]any]()
	case reflect.Chan, reflect.UnsafePointer, reflect.Uintptr:
		return true
	}
	return strings.HasPrefix(o.ClassName(), "Go")
}

func TestNothingOfGoIsReachableFromJavaScript(t *testing.T) {
	room := Open(bridge.Setup{
		Plugin: "probe", Version: "1.0.0",
		State: bridge.State{
			Grants:   strings.Fields("messages:read messages:send messages:intercept storage:read storage:write events:listen ui:components ui:menu settings:read settings:write commands:register schedule:register app:read"),
			Settings: `{"a":true}`, App: `{"name":"test","version":"1","features":["x"]}`,
		},
		Code: `(() => ({ default: { initialize(context) {
			const seen = globalThis.seen = [context, context.app, context.plugin];
			for (const part of ["api", "storage", "events", "log"]) for (const name of Object.keys(context[part])) seen.push(context[part][name]);
			const { api, storage, events } = context;
			seen.push(api.onMessage(m => { seen.push(m, m.author, m.metadata); }), api.interceptMessage(() => {}), api.registerSettings({ a: { type: "boolean" } }), api.getSettings(),
				api.registerCommand({ name: "x", handler(c) { seen.push(c); } }), api.schedule("k", { every: "1h" }, () => {}), events.on("x", (...e) => seen.push(...e)),
				storage.get("k"), storage.update("k", () => 1), storage.getMany([]), api.sendMessage({ content: "x" }), new Error("x"));
			try { context.nothing } catch (e) { seen.push(e); }
			try { api.onMessage() } catch (e) { seen.push(e); }
			api.call().catch(e => seen.push(e));
			seen.push(setTimeout(() => {}, 1), console, typeof URL !== "undefined" ? new URL("http://x/?a=1").searchParams : 0);
		} } }))`,
	}, &quietServer{}, Options{})
	call := func(c bridge.Call) {
		t.Helper()
		done := make(chan bridge.Result, 1)
		if err := room.Post(c, func(r bridge.Result) { done <- r }); err != nil {
			t.Fatal(err)
		}
		if r := <-done; r.Err != nil {
			t.Fatalf("%s: %v\n%s", c.Kind, r.Err, r.Err.Stack)
		}
	}
	call(bridge.Call{Kind: bridge.Initialize, Cause: 1})
	var e bridge.Encoder
	e.String("plugin:probe:x")
	e.String("plugin:probe")
	e.JSON(`{"a":[1]}`)
	call(bridge.Call{Kind: bridge.Event, Cause: 2, Args: e.Payload()})
	found := make(chan []string, 1)
	if err := room.runtime.Post(jsruntime.Work, 0, func(v *jsruntime.VM) {
		w := walker{vm: v.Goja(), seen: map[*goja.Object]bool{}}
		w.walk("globalThis", v.Goja().GlobalObject(), 0)
		if len(w.seen) < 200 {
			w.found = append(w.found, fmt.Sprintf("only %d objects were looked at", len(w.seen)))
		}
		found <- w.found
	}, nil); err != nil {
		t.Fatal(err)
	}
	for _, f := range <-found {
		t.Error(f)
	}
	vm := goja.New()
	for _, v := range []any{struct{ A int }{}, &struct{ A int }{}, map[string]int{}, make(chan int), &quietServer{}} {
		if !foreign(vm.ToValue(v).(*goja.Object)) {
			t.Errorf("a %T would not be found", v)
		}
	}
	if err := room.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// walker looks at every object that can be reached by property or prototype.
type walker struct {
	vm    *goja.Runtime
	seen  map[*goja.Object]bool
	found []string
}

func (w *walker) walk(path string, o *goja.Object, depth int) {
	if o == nil || w.seen[o] || depth > 12 {
		return
	}
	w.seen[o] = true
	// A host object that lists its members itself is made of functions and texts.
	if foreign(o) && !strings.Contains(o.ExportType().String(), "lazyObject") {
		w.found = append(w.found, fmt.Sprintf("%s is a %s", path, o.ExportType()))
		return
	}
	w.walk(path+".__proto__", o.Prototype(), depth+1)
	for _, key := range o.GetOwnPropertyNames() {
		var value goja.Value
		if w.vm.Try(func() { value = o.Get(key) }) != nil {
			continue
		}
		if next, ok := value.(*goja.Object); ok {
			w.walk(path+"."+key, next, depth+1)
		}
	}
}
