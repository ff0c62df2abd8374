package bundle

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper/packaging"
)

// TestNestingIsBoundedBeforeEsbuild holds what would end the process, or print
// gigabytes, were esbuild to see it.
func TestNestingIsBoundedBeforeEsbuild(t *testing.T) {
	for name, code := range map[string]string{
		"400 KB of braces":            strings.Repeat("{", 400_000),
		"80 KB of balanced braces":    strings.Repeat("{", 40_000) + strings.Repeat("}", 40_000),
		"parentheses":                 "x=" + strings.Repeat("(", 100_000),
		"arrays":                      "x=" + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		"not":                         "x=" + strings.Repeat("!", 400_000) + "1",
		"typeof, a line each":         "x=" + strings.Repeat("typeof\n", 100_000) + "1",
		"arrows":                      "x=" + strings.Repeat("a=>", 100_000) + "1",
		"if":                          strings.Repeat("if(a)", 100_000) + ";",
		"if, a line each":             strings.Repeat("if(a)\n", 100_000) + ";",
		"else if":                     strings.Repeat("if(a);else ", 100_000) + ";",
		"else if with blocks":         strings.Repeat("if(a){}\nelse ", 100_000) + ";",
		"conditions":                  "x=" + strings.Repeat("a?b:", 100_000) + "1",
		"members":                     "x=a" + strings.Repeat(".a", 100_000),
		"calls":                       "x=a" + strings.Repeat("()", 100_000),
		"templates":                   "x=" + strings.Repeat("`${", 100_000) + "1" + strings.Repeat("}`", 100_000),
		"functions":                   strings.Repeat("function f(){", 100_000) + strings.Repeat("}", 100_000),
		"loops":                       strings.Repeat("for(;;)", 100_000) + ";",
		"labels":                      strings.Repeat("a:", 100_000) + ";",
		"JSON":                        strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"closers in strings":          strings.Repeat(`{"}";`, 100_000),
		"closers in comments":         strings.Repeat(`{/*}*/`, 100_000),
		"closers in expressions":      strings.Repeat(`{x=/}/;`, 100_000),
		"closers in templates":        strings.Repeat("{`}`;", 100_000),
		"hidden behind an expression": "x=/[/*]/;" + strings.Repeat("{", 100_000) + "*/",
		"hidden behind a division":    "x=a/'/1;" + strings.Repeat("(", 100_000) + "'",
	} {
		if _, deep := tooDeep([]byte(code)); !deep {
			t.Errorf("%s: it goes through", name)
		}
	}
}

func TestNestingLetsRealCodeThrough(t *testing.T) {
	for name, code := range map[string]string{
		"statements without semicolons": strings.Repeat("foo(bar)\nconst x = a.b.c(1, 2) / 3\nif (a) {\n b()\n}\n", 20_000),
		"functions on one line":         strings.Repeat("function f(a){return a}", 20_000),
		"methods":                       "class A{" + strings.Repeat("m(a){if(a){return 1}return/}/.test(a)}", 20_000) + "}",
		"a long array":                  "x=[" + strings.Repeat("{a:[1,(2)]},", 50_000) + "]",
		"a long chain of else if":       "if(a){}" + strings.Repeat("else if(a.b(c)===1){d()}", 100),
		"words joined":                  "x=" + strings.Repeat(`"word "+`, 1500) + `""`,
		"brackets in strings":           strings.Repeat(`x="(((";y='[[';z=/[({]\(/;`, 20_000),
		"apostrophes in JSX":            strings.Repeat("x=<p>don't {a}</p>;\n", 20_000),
		"divisions":                     strings.Repeat("x=(a/b)+c[0]/(d)/2;", 20_000),
		"a comment with brackets":       strings.Repeat("/* ((( [[[ {{{ */\n// ((((\n", 20_000),
	} {
		if line, deep := tooDeep([]byte(code)); deep {
			t.Errorf("%s: refused at line %d", name, line)
		}
	}
}

func TestNestingErrorNamesFileAndLine(t *testing.T) {
	_, err := Build(context.Background(), probe("\n\n"+strings.Repeat("(", 400_000)), Options{})
	for _, want := range []string{`"index.ts"`, "nests too deep (line 3)"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
}

// TestNestingAtTheBoundBuilds shows that the bound keeps esbuild, the engine's
// parser and the search through the script away from the end of their stack.
func TestNestingAtTheBoundBuilds(t *testing.T) {
	for _, shape := range [][4]string{
		{"", "{", ";", "}"}, {"x=", "(", "1", ")"}, {"x=", "[", "1", "]"}, {"x=", "!", "1", ""}, {"x=", "{a:", "1", "}"},
		{"", "if(a)", ";", ""}, {"", "if(a);else ", ";", ""}, {"x=", "a?b:", "1", ""}, {"x=a", "", "", "[0]"},
		{"x=", "class{a=", "1", "}"}, {"x=", "`${", "1", "}`"}, {"x=", "new ", "A", ""}, {"var ", "[", "a", "]=1"},
	} {
		code := func(n int) string {
			return shape[0] + strings.Repeat(shape[1], n) + shape[2] + strings.Repeat(shape[3], n) + ";export default 1"
		}
		low, high := 1, 20_000
		for low+1 < high {
			if _, deep := tooDeep([]byte(code((low + high) / 2))); deep {
				high = (low + high) / 2
			} else {
				low = (low + high) / 2
			}
		}
		if _, err := Build(context.Background(), probe(code(low)), Options{}); err != nil {
			t.Errorf("%q %d deep: %.300v", shape[1]+shape[3], low, err)
		}
	}
}

func probe(code string) *packaging.Package {
	return &packaging.Package{
		Manifest: &packaging.Manifest{Name: "probe", Version: "1.0.0", Main: "index.ts"},
		Files:    map[string][]byte{"index.ts": []byte(code)},
	}
}

// TestBuildEndsWithItsContext uses code of the kind that takes esbuild
// exponential time, but so little that an abandoned build soon ends.
func TestBuildEndsWithItsContext(t *testing.T) {
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	go cancel(why)
	_, err := Build(ctx, probe("x="+strings.Repeat("(a=", 12)+"1"+strings.Repeat(")=>1", 12)+";export default 1"), Options{})
	if err != nil && !errors.Is(err, why) {
		t.Errorf("the error is %v", err)
	}
	<-ctx.Done()
	if _, err := Build(ctx, probe("export default 1"), Options{}); !errors.Is(err, why) {
		t.Errorf("an ended context gives %v", err)
	}
}
