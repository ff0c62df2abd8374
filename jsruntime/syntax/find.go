package syntax

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
)

// A Finding is something in a script that the engine does not run as the
// language says.
type Finding struct {
	Construct string // "regular expression property escape"
	Text      string // what is wrong, as a sentence without the full stop
	Hint      string // what to do about it, or ""
	Effect    Effect

	Line   int // from 1
	Column int // from 0, in UTF-16 code units, as source maps count
}

// Effect is what happens when the script is run all the same.
type Effect uint8

const (
	// Refused: the engine refuses the whole script.
	Refused Effect = iota
	// Wrong: the script runs, and gives a wrong answer without a word.
	Wrong
	// Throws: an error is thrown when the place is reached.
	Throws
)

// Script is what Find learnt about a script.
type Script struct {
	Findings []Finding

	// TopAwait says that the script is a function expression whose own body
	// awaits, so that it has to be an async one.
	TopAwait bool
}

// Find parses a script and looks through it. A script that does not parse is a
// finding too. It is safe for concurrent use.
//
// The parser recurses: how deep code may nest is for the caller to bound.
func Find(code string) Script {
	program, err := parse(code)
	if err != nil {
		return Script{Findings: []Finding{fromParser(code, err)}}
	}
	w := walker{code: code}
	for _, s := range program.Body {
		w.push(s)
	}
	w.run()
	return Script{Findings: w.findings, TopAwait: topAwait(program)}
}

// parse never lets the parser look for source maps: it would open files.
func parse(code string) (program *ast.Program, err error) {
	defer func() {
		if v := recover(); v != nil {
			program, err = nil, fmt.Errorf("the engine's parser failed: %v", v)
		}
	}()
	return parser.ParseFile(nil, "", code, 0, parser.WithDisableSourceMaps)
}

// nestedDefault is what the parser says of const {a: [b = 1] = []} = c, which
// the language allows.
const nestedDefault = "Invalid destructuring binding target"

func fromParser(code string, err error) Finding {
	f := Finding{
		Construct: "syntax that the engine does not know",
		Text:      "The JavaScript engine cannot read this: " + err.Error(),
		Line:      1,
	}
	var all parser.ErrorList
	if errors.As(err, &all) && len(all) > 0 {
		first := all[0]
		f.Text = "The JavaScript engine cannot read this: " + first.Message
		if first.Message == nestedDefault {
			f.Construct = "a default inside of a pattern that has a default"
			f.Text = "The JavaScript engine cannot read a default inside of a nested pattern that has a default itself, such as {a: [b = 1] = []}"
			f.Hint = "take the inner pattern apart in a statement of its own"
		}
		f.Line = first.Position.Line
		f.Column = max(0, first.Position.Column-1)
	}
	return f
}

// position is where the byte at offset lies.
func position(code string, idx file.Idx) (line, column int) {
	offset := min(max(int(idx)-1, 0), len(code))
	line = 1 + strings.Count(code[:offset], "\n")
	start := strings.LastIndexByte(code[:offset], '\n') + 1
	for _, r := range code[start:offset] {
		column++
		if r > 0xFFFF && r != utf8.RuneError {
			column++
		}
	}
	return line, column
}

// topAwait looks for an await in the body of a script that is one function
// expression, outside of the functions in it.
func topAwait(program *ast.Program) bool {
	if len(program.Body) != 1 {
		return false
	}
	s, ok := program.Body[0].(*ast.ExpressionStatement)
	if !ok {
		return false
	}
	f, ok := s.Expression.(*ast.FunctionLiteral)
	if !ok {
		return false
	}
	w := walker{shallow: true}
	w.push(f.Body)
	w.run()
	return w.awaits
}
