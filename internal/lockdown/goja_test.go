package lockdown

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"
)

// scripts are what a good plugin does, each with what it must give.
var scripts = map[string]struct{ source, want string }{
	"loop":    {`let n = 0; for (let i = 0; i < 2e6; i++) n += i % 7; String(n)`, "5999995"},
	"churn":   {`let last; for (let i = 0; i < 2e5; i++) last = {i, text: "x".repeat(100), list: [i, i, i]}; String(last.i)`, "199999"},
	"live":    {`let all = []; for (let i = 0; i < 3e5; i++) all.push({i}); String(all.length)`, "300000"},
	"regexp":  {`"a1b22c333".replace(/(?<=[a-z])\d+/g, d => "<" + d + ">")`, "a<1>b<22>c<333>"},
	"json":    {`JSON.stringify(JSON.parse('{"a":[1,2,{"b":null}],"c":"\\u00e9"}'))`, `{"a":[1,2,{"b":null}],"c":"é"}`},
	"bigint":  {`String(2n ** 200n)`, "1606938044258990275541962092341162602522202993782792835301376"},
	"date":    {`new Date(0).toISOString()`, "1970-01-01T00:00:00.000Z"},
	"random":  {`String(Math.random() < 1)`, "true"},
	"throw":   {`try { null.x } catch (e) { e.name }`, "TypeError"},
	"deep":    {`let f = n => n ? f(n - 1) + 1 : 0; String(f(2000))`, "2000"},
	"sort":    {`Array.from({length: 5000}, (_, i) => 5000 - i).sort((a, b) => a - b)[0] + ""`, "1"},
	"promise": {`let out = "waiting"; Promise.resolve(1).then(v => { out = "done" }); "queued"`, "queued"},
}

// gojaChild runs them, and what else the runtime must still be able to do.
func gojaChild() any {
	lockDown()
	results := map[string]string{}
	for name, script := range scripts {
		results[name] = runScript(script.source)
	}
	results["broken iterator"] = runScript(`for (const x of {[Symbol.iterator]: () => ({})}) {}`)
	results["nil pointer"] = nilPointer()
	results["interrupt"] = interruptSpinner()
	results["goroutines"] = manyGoroutines()
	results["threads"] = manyThreads()
	results["timer"] = timer()
	debug.FreeOSMemory() // madvise
	return results
}

func runScript(source string) (result string) {
	defer func() {
		if p := recover(); p != nil {
			result = fmt.Sprint("recovered: ", p)
		}
	}()
	value, err := goja.New().RunString(source)
	if err != nil {
		return "error: " + err.Error()
	}
	return value.String()
}

func nilPointer() (result string) {
	defer func() { result = fmt.Sprint(recover()) }()
	var vm *goja.Runtime
	vm.GlobalObject() // a real SIGSEGV, which the runtime turns into a panic
	return "no panic"
}

// interruptSpinner needs preemption: with one processor the runtime must take the
// spinner off by a signal to let the timer run. (Not runtime.GC beside it: that
// yields to the spinner after every span it sweeps, 10 ms each.)
func interruptSpinner() string {
	vm := goja.New()
	time.AfterFunc(time.Millisecond, func() { vm.Interrupt("enough") })
	_, err := vm.RunString(`for (;;) {}`)
	return fmt.Sprintf("%T", err)
}

func manyGoroutines() string {
	var all sync.WaitGroup
	var mu sync.Mutex
	good := 0
	for range 500 {
		all.Go(func() {
			if runScript(`[1, 2, 3].map(x => x * 2).join()`) == "2,4,6" {
				mu.Lock()
				good++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return fmt.Sprint(good)
}

// manyThreads makes the runtime start threads: one for each locked goroutine.
// Not hundreds: in a binary with cgo each maps 8 MB of stack.
func manyThreads() string {
	const count = 10
	var started, all sync.WaitGroup
	started.Add(count)
	for range count {
		all.Go(func() {
			runtime.LockOSThread() // and never unlocked: the thread ends
			started.Done()
			started.Wait()
		})
	}
	all.Wait()
	return fmt.Sprint(count)
}

func timer() string {
	done := make(chan string)
	time.AfterFunc(2*time.Millisecond, func() { done <- "fired" })
	time.Sleep(time.Millisecond)
	return <-done
}

func TestGojaRunsInsideTheLockDown(t *testing.T) {
	got := runChild[map[string]string](t, "goja", nil)
	for name, script := range scripts {
		if got[name] != script.want {
			t.Errorf("%s gave %q, want %q", name, got[name], script.want)
		}
	}
	for name, want := range map[string]string{
		"broken iterator": "recovered: runtime error: invalid memory address or nil pointer dereference",
		"nil pointer":     "runtime error: invalid memory address or nil pointer dereference",
		"interrupt":       "*goja.InterruptedError",
		"goroutines":      "500",
		"threads":         "10",
		"timer":           "fired",
	} {
		if got[name] != want {
			t.Errorf("%s gave %q, want %q", name, got[name], want)
		}
	}
}

// kept keeps the collector from what a hog takes.
var kept [][]byte

// hogChild locks down, says so, and takes as many megabytes as each line of
// standard input asks for, until there are no more lines.
func hogChild() any {
	lockDown()
	answer("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var megabytes int
		fmt.Sscan(lines.Text(), &megabytes)
		for range megabytes {
			block := make([]byte, megabyte)
			for i := 0; i < len(block); i += 4096 {
				block[i] = 1
			}
			kept = append(kept, block)
		}
		answer(strings.TrimSpace(lines.Text()))
	}
	return "ended"
}
