package jsruntime

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestProgramsKeepWhatWasUsedLastWithinTheirBytes(t *testing.T) {
	c := NewPrograms(30)
	compile := func(key string, n int) *Program {
		t.Helper()
		p, err := c.Compile(key, key+".js", "1"+strings.Repeat(" ", n-1), nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	a, b := compile("a", 10), compile("b", 10)
	compile("c", 10)
	if compile("a", 10) != a {
		t.Error("a was compiled again though all three fit")
	}
	compile("d", 10) // b was used longest ago
	if compile("a", 10) != a {
		t.Error("a went, which was used of late")
	}
	if compile("b", 10) == b {
		t.Error("b stayed beyond the bound")
	}
	if c.bytes > c.bound || c.order.Len() != len(c.byKey) {
		t.Errorf("%d bytes in %d programs, %d keys", c.bytes, c.order.Len(), len(c.byKey))
	}
	large := compile("large", 100)
	if compile("large", 100) != large || c.order.Len() != 1 {
		t.Error("one program over the bound is kept alone, for it is the one in use")
	}
	compile("small", 1)
	if c.bytes != 1 || c.order.Len() != 1 {
		t.Errorf("%d bytes in %d programs, wanted the small one alone", c.bytes, c.order.Len())
	}
}

func TestProgramsForgetWhatDoesNotCompile(t *testing.T) {
	c := NewPrograms(100)
	for _, code := range []string{"}", "let a, a", "(" + strings.Repeat("[", 50)} {
		if _, err := c.Compile("k", "k.js", code, nil); err == nil || !strings.HasPrefix(err.Error(), "compile k.js: ") {
			t.Errorf("%.20s: %v", code, err)
		}
	}
	if c.bytes != 0 || len(c.byKey) != 0 {
		t.Errorf("%d bytes, %d keys are kept", c.bytes, len(c.byKey))
	}
	if _, err := c.Compile("k", "k.js", "1", nil); err != nil {
		t.Error(err)
	}
}

func TestProgramsServeManyGoroutinesAndVMs(t *testing.T) {
	c := NewPrograms(200)
	var wg sync.WaitGroup
	for i := range 4 {
		r := start(t, Options{})
		wg.Go(func() {
			for k := range 40 {
				key := fmt.Sprint((i + k) % 12)
				p, err := c.Compile(key, "plugin.js", "{ const text = 'ü "+key+"';\nthrow new Error(text) }", []byte(`{"version":3,"sources":["a.ts"],"mappings":"AAAA;AACA"}`))
				if err != nil {
					t.Error(err)
					return
				}
				do(t, r, func(v *VM) {
					if _, err := v.Run(p); err == nil {
						t.Error("nothing was thrown")
					}
				})
			}
		})
	}
	wg.Wait()
	if c.bytes > c.bound || c.order.Len() != len(c.byKey) {
		t.Errorf("%d bytes in %d programs, %d keys", c.bytes, c.order.Len(), len(c.byKey))
	}
}
