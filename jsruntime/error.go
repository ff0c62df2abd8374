package jsruntime

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// Error is what JavaScript threw, as text: nothing in it belongs to the VM.
type Error struct {
	Name    string // "TypeError"; "" for a thrown value that is no Error
	Message string
	Frames  []Frame // innermost first, in the plugin's own source lines
	Cause   *Error  // error.cause, where it is an Error
}

// Frame is one call of a stack.
type Frame struct {
	Func   string // "" at the top level of a module
	File   string
	Line   int // from 1
	Column int // from 1
}

func (f Frame) String() string {
	where := f.File + ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column)
	if f.Func == "" {
		return where
	}
	return f.Func + " (" + where + ")"
}

func (e *Error) Error() string {
	if e.Name == "" || e.Name == "Error" && e.Message != "" {
		return e.Message
	}
	if e.Message == "" {
		return e.Name
	}
	return e.Name + ": " + e.Message
}

// Stack is the frames, one a line, and those of the causes after them.
func (e *Error) Stack() string {
	var b strings.Builder
	for ; e != nil; e = e.Cause {
		for _, f := range e.Frames {
			b.WriteString(f.String())
			b.WriteByte('\n')
		}
		if e.Cause != nil {
			b.WriteString("caused by " + e.Cause.Error() + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// What an error may bring along; the rest is cut off.
const (
	maxFrames  = 50
	maxMessage = 8 << 10
	maxName    = 128
	maxCauses  = 4
	maxFile    = 1024
)

// Describe reads a thrown value. It may run the plugin's code (getters), and so
// is an entry.
func (v *VM) Describe(value goja.Value) *Error { return v.describe(value, nil, 0) }

// thrown describes an exception; its own frames serve where the value has none.
func (v *VM) thrown(x *goja.Exception) *Error { return v.describe(x.Value(), x.Stack(), 0) }

func (v *VM) describe(value goja.Value, stack []goja.StackFrame, depth int) *Error {
	out := &Error{}
	_, err := v.Enter(func() (goja.Value, error) {
		object, ok := value.(*goja.Object)
		if ok {
			object, ok = behindProxies(object)
		}
		if !ok || object.ClassName() != "Error" {
			out.Message = clip("thrown: "+v.Inspect(value), maxMessage)
			return nil, nil
		}
		message := v.textProperty(object, "message", "")
		out.Name = clip(v.textProperty(object, "name", "Error"), maxName)
		out.Message = clip(message, maxMessage)
		if out.Name == "SyntaxError" { // the engine's own say it twice
			out.Message = strings.TrimPrefix(out.Message, "SyntaxError: ")
		}
		out.Frames = v.parseStack(v.textProperty(object, "stack", ""), message)
		cause, ok := v.property(object, "cause").(*goja.Object)
		if ok && depth < maxCauses {
			if cause, ok = behindProxies(cause); ok && cause.ClassName() == "Error" {
				out.Cause = v.describe(cause, nil, depth+1)
			}
		}
		return nil, nil
	})
	if err != nil && out.Message == "" {
		out.Message = err.Error()
	}
	if len(out.Frames) == 0 {
		out.Frames = v.frames(stack)
	}
	return out
}

// property reads a property, which may be a getter of the plugin's; nil where it
// throws.
func (v *VM) property(object *goja.Object, name string) (value goja.Value) {
	if v.goja.Try(func() { value = object.Get(name) }) != nil {
		return nil
	}
	return value
}

func (v *VM) textProperty(object *goja.Object, name, otherwise string) string {
	if s, ok := v.property(object, name).(goja.String); ok {
		return text(s, 64<<10)
	}
	return otherwise
}

// ErrorValue makes the Error object that stands for err in the VM: of err's name
// where it is an *Error. It is text only; no Go value is in it.
func (v *VM) ErrorValue(err error) goja.Value {
	described, ok := err.(*Error)
	if !ok {
		described = &Error{Name: "Error", Message: err.Error()}
	}
	class := "Error"
	switch described.Name {
	case "TypeError":
		return v.goja.NewTypeError("%s", described.Message)
	case "RangeError", "SyntaxError":
		class = described.Name
	}
	// The class is what the plugin may have put in its place.
	var object *goja.Object
	_ = v.goja.Try(func() {
		if constructor := v.goja.Get(class); constructor != nil {
			object, _ = v.goja.New(constructor, v.goja.ToValue(described.Message))
		}
	})
	if object == nil {
		object, class = v.goja.NewTypeError("%s", described.Message), "TypeError"
	}
	if described.Name != class && described.Name != "" {
		// Not enumerable, as on the errors of the language.
		_ = object.DefineDataProperty("name", v.goja.ToValue(described.Name), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	return object
}

// Throw panics with the Error object for err: a native that calls it throws.
func (v *VM) Throw(err error) { panic(v.ErrorValue(err)) }

// frames maps the engine's frames; natives are left out.
func (v *VM) frames(stack []goja.StackFrame) []Frame {
	var out []Frame
	for i := range stack {
		p := stack[i].Position()
		if p.Filename == "" && p.Line == 0 || ours(p.Filename) {
			continue
		}
		name := stack[i].FuncName()
		if name == "<anonymous>" {
			name = ""
		}
		file := p.Filename
		if file == "" {
			file = "<eval>" // as in error.stack
		}
		if out = append(out, v.mapFrame(Frame{name, file, p.Line, p.Column})); len(out) == maxFrames {
			break
		}
	}
	return out
}

// parseStack reads the text of error.stack, which the plugin may have written.
// The message before the frames is passed over: its lines may look like some.
func (v *VM) parseStack(text, message string) []Frame {
	var out []Frame
	if head, rest, ok := strings.Cut(clip(text, 64<<10), message); ok && message != "" && !strings.Contains(head, "\n") {
		text = rest
	}
	for line := range strings.SplitSeq(clip(text, 64<<10), "\n") {
		if f, ok := parseFrame(line); ok && !ours(f.File) {
			if out = append(out, v.mapFrame(f)); len(out) == maxFrames {
				break
			}
		}
	}
	return out
}

// parseFrame reads "\tat name (file:line:column(pc))" or "\tat file:line:column(pc)".
func parseFrame(line string) (Frame, bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(line), "at ")
	if !ok {
		return Frame{}, false
	}
	var f Frame
	// The name of a function may have brackets of its own.
	if i := strings.LastIndex(rest, " ("); i >= 0 && strings.HasSuffix(rest, ")") {
		f.Func, rest = clip(rest[:i], maxName), rest[i+2:len(rest)-1]
	}
	if i := strings.LastIndexByte(rest, '('); i > 0 && strings.HasSuffix(rest, ")") {
		rest = rest[:i]
	}
	j := strings.LastIndexByte(rest, ':')
	if j < 0 {
		return Frame{}, false
	}
	i := strings.LastIndexByte(rest[:j], ':')
	if i < 0 {
		return Frame{}, false
	}
	row, err1 := strconv.Atoi(rest[i+1 : j])
	column, err2 := strconv.Atoi(rest[j+1:])
	if err1 != nil || err2 != nil || row < 1 || column < 0 {
		return Frame{}, false
	}
	f.File, f.Line, f.Column = clip(rest[:i], maxFile), row, column
	return f, true
}

// ours reports a script of the host's: its lines mean nothing to an author.
func ours(file string) bool { return strings.HasPrefix(file, "innkeeper:") }

func (v *VM) mapFrame(f Frame) Frame {
	for _, p := range slices.Backward(v.programs) {
		if f.File == p.name {
			return p.original(f)
		}
	}
	return f
}

// clip cuts text to at most n bytes, at a character.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n] + "…"
}
