package jsruntime

import (
	"container/list"
	"fmt"
	"strings"
	"sync"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
	"github.com/go-sourcemap/sourcemap"
)

// Program is compiled code. It is immutable and may run in any number of VMs at
// once; its source map is read at the first error.
type Program struct {
	name string
	code *goja.Program

	symbols   bool   // it may use well-known symbols that the engine lacks
	text      string // what was compiled
	sourceMap []byte
	once      sync.Once
	positions *sourcemap.Consumer // nil where the map cannot be read
	columns   *columns
}

// Compile compiles a script. name is what stacks call it until they are mapped;
// sourceMap may be nil. The engine never looks for a map itself: a comment in
// the code could make it read a file of the host.
func Compile(name, code string, sourceMap []byte) (p *Program, err error) {
	defer func() {
		if x := recover(); x != nil {
			p, err = nil, &PanicError{Value: x}
		}
	}()
	ast, err := goja.Parse(name, code, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", name, err)
	}
	compiled, err := goja.CompileAST(ast, false)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", name, err)
	}
	return &Program{name: name, code: compiled, symbols: wantsSymbols(code), text: code, sourceMap: sourceMap}, nil
}

// original maps a frame of the program to the file that it was built from.
func (p *Program) original(f Frame) Frame {
	p.once.Do(p.readMap)
	if p.positions == nil {
		return f
	}
	// The map's name for a place is that of what stands there, often of what is
	// called: not of the function around it, which the frame has.
	file, row, column, ok := p.lookup(f.Line, p.columns.units(f.Line, f.Column-1))
	if !ok || file == "" || row < 1 || column < 0 {
		return f
	}
	return Frame{Func: f.Func, File: clip(strings.TrimPrefix(file, "/"), maxFile), Line: row, Column: column + 1}
}

// lookup recovers: the library panics on some maps, and a map is foreign bytes.
func (p *Program) lookup(row, column int) (file string, line, col int, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	file, _, line, col, ok = p.positions.Source(row, column)
	return file, line, col, ok
}

func (p *Program) readMap() {
	defer func() {
		if recover() != nil {
			p.positions = nil
		}
	}()
	if len(p.sourceMap) == 0 {
		return
	}
	if c, err := sourcemap.Parse("", p.sourceMap); err == nil {
		p.positions = c
		p.columns = newColumns(p.text)
	}
}

// Programs keeps compiled programs in memory, the least recently used going
// first when their code is over a bound. It may be used from any goroutine.
type Programs struct {
	mu    sync.Mutex
	bound int // bytes of code
	bytes int
	byKey map[string]*list.Element
	order list.List // of *kept, most recent first
}

type kept struct {
	key     string
	bytes   int
	program *Program
}

// NewPrograms makes an empty cache for that many bytes of code.
func NewPrograms(bound int) *Programs {
	return &Programs{bound: bound, byKey: map[string]*list.Element{}}
}

// Compile returns the program of that key, compiling it if it is not kept. The
// key must name the code, as a digest does. Two callers at once may both
// compile; one result is kept.
func (c *Programs) Compile(key, name, code string, sourceMap []byte) (*Program, error) {
	c.mu.Lock()
	if e := c.byKey[key]; e != nil {
		c.order.MoveToFront(e)
		p := e.Value.(*kept).program
		c.mu.Unlock()
		return p, nil
	}
	c.mu.Unlock()
	p, err := Compile(name, code, sourceMap)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byKey[key]; e != nil {
		return e.Value.(*kept).program, nil
	}
	c.byKey[key] = c.order.PushFront(&kept{key, len(code), p})
	c.bytes += len(code)
	for c.bytes > c.bound && c.order.Len() > 1 {
		e := c.order.Back()
		k := c.order.Remove(e).(*kept)
		delete(c.byKey, k.key)
		c.bytes -= k.bytes
	}
	return p, nil
}
