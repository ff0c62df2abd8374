package syntax_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/jsruntime/syntax"
)

func TestFindNamesWhatTheEngineCannotRun(t *testing.T) {
	for _, c := range []struct {
		code         string
		construct    string
		effect       syntax.Effect
		line, column int
	}{
		{`/\p{L}/u`, `regular expression property escape \p{…}`, syntax.Wrong, 1, 0},
		{"1;\n  x = /[\\P{L}]/iu", `regular expression property escape \p{…}`, syntax.Wrong, 2, 6},
		{`new RegExp("\\p{L}", "u")`, `regular expression property escape \p{…}`, syntax.Wrong, 1, 0},
		{"RegExp(`\\\\p{L}`, 'u')", `regular expression property escape \p{…}`, syntax.Wrong, 1, 0},
		{`/a/v`, "regular expression flag v", syntax.Refused, 1, 0},
		{`/a/d`, "regular expression flag d", syntax.Refused, 1, 0},
		{`new RegExp("a", "d")`, "regular expression flag d", syntax.Throws, 1, 0},
		{`/a/gg`, "regular expression flags", syntax.Refused, 1, 0},
		{`/(?i:a)/`, "regular expression modifiers (?i:…)", syntax.Refused, 1, 0},
		{`/a(?-s:.)/`, "regular expression modifiers (?i:…)", syntax.Refused, 1, 0},
		{`new RegExp("(")`, "regular expression", syntax.Throws, 1, 0},
		{`"🐢é"; /a/v`, "regular expression flag v", syntax.Refused, 1, 7},
		{"let = 1 2", "syntax that the engine does not know", syntax.Refused, 1, 8},
		{"import(x)", "syntax that the engine does not know", syntax.Refused, 1, 0},
		{"const {a: [b = 1] = []} = {}", "a default inside of a pattern that has a default", syntax.Refused, 1, 11},
	} {
		found := syntax.Find(c.code).Findings
		if len(found) == 0 {
			t.Errorf("%s: nothing is found", c.code)
			continue
		}
		f := found[0]
		if f.Construct != c.construct || f.Effect != c.effect || f.Line != c.line || f.Column != c.column || f.Text == "" {
			t.Errorf("%s: found %+v", c.code, f)
		}
	}
}

func TestFindLeavesAloneWhatRuns(t *testing.T) {
	for _, code := range []string{
		`/\p/.test("p")`, `/[(?i:)]/`, `/\(?i:a\)/`, `/(?:a)(?=b)(?!c)(?<=d)(?<!e)(?<n>f)\k<n>/`, `/[\u{1F422}🐢]/u`, `/🐢|\uD83D\uDC22/`, `/a{2,3}?/gimsy`,
		`x = new RegExp(y, "u"); new RegExp; RegExp("a"); new Foo.RegExp("(")`, `/[^]/; /[]/; /a|/`, `/(a{1000}){2}/`,
	} {
		if found := syntax.Find(code).Findings; len(found) > 0 {
			t.Errorf("%s: found %+v", code, found)
		}
	}
}

// TestFindReachesEveryPlace puts an expression into each place that code has
// for one.
func TestFindReachesEveryPlace(t *testing.T) {
	for _, place := range []string{
		"{ @ }", "switch (@) { case 1: }", "switch (1) { case @: }", "switch (1) { default: @ }", "try { @ } catch { }", "try { } catch (e) { @ }", "try { } catch ({ a = @ }) { }",
		"try { } finally { @ }", "do @; while (1)", "do ; while (@)", "for (var x in @) ;", "for (var x of @) ;", "for (const { a = @ } of x) ;", "for (x[@] of y) ;", "for (let a = @;;) ;", "for (var a = @;;) ;", "for (@;;) ;", "for (;@;) ;", "for (;;@) ;", "for (;;) @",
		"if (@) ;", "if (1) @", "if (1) ; else @", "a: @", "(() => { return @ })", "(() => @)", "((a = @) => 1)", "(async () => { await @ })", "function f(a = @) { }", "function f({ a: [b, ...[c]] }, d = @) { }", "function* f() { yield @ }", "throw @", "var a = @", "let { a = @ } = b", "let { [@]: a } = b", "let [a = @] = b", "const [, ...{ a = @ }] = b",
		"while (@) ;", "while (1) @", "class A extends (@) { }", "class A { a = @ }", "class A { static { @ } }", "class A { [@]() { } }", "class A { m() { @ } }", "class A { get x() { return @ } }", "(class { static #p = @ })",
		"[1, @]", "[...@]", "({ a: @ })", "({ [@]: 1 })", "({ ...@ })", "({ a() { @ } })", "({ a } = @)", "[a = @] = b", "a = @", "a += @", "1 + @", "a[@]", "(@).b", "(@)[0]", "a?.[@]", "a?.(@)", "(@)?.b", "@ ? 1 : 2", "1 ? @ : 2", "1 ? 2 : @",
		"f(@)", "f(...@)", "(@)()", "new A(@)", "new (@)()", "!@", "typeof @", "(1, @)", "`${@}`", "(@)`x`", "f`${@}`", "(function () { @ })", "(async function* () { @ })", "x ?? @", "delete (@).a",
	} {
		code := strings.ReplaceAll(place, "@", `/\p{L}/u`)
		found := syntax.Find(code).Findings
		if len(found) != 1 || !strings.Contains(found[0].Construct, "property escape") {
			if strings.Contains(place, "async function*") {
				continue // the engine does not parse these; they are lowered before
			}
			t.Errorf("%s: found %+v", code, found)
		}
	}
}

func TestTopAwaitIsThatOfTheFunctionItself(t *testing.T) {
	for code, want := range map[string]bool{
		"(async function(){ await 1 })":                               true,
		"(async function(){ if (a) { for (const x of await b) c } })": true,
		"(async function(){ class A { [await 1] = 2 } })":             true,
		"(async function(){ async () => { await 1 } })":               false,
		"(async function(){ async function f() { await 1 } })":        false,
		"(async function(){ class A { async m() { await 1 } } })":     false,
		"(async function(){ ({ async m() { await 1 } }) })":           false,
		"(async function(){ 'await' })":                               false,
	} {
		if got := syntax.Find(code).TopAwait; got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}

func TestFindingsAreBounded(t *testing.T) {
	if n := len(syntax.Find(strings.Repeat("/a/v;", 10_000)).Findings); n > 50 {
		t.Errorf("%d findings", n)
	}
}

// FuzzFind holds Find against the engine: what Find passes, the engine's
// compiler does not refuse for a regular expression.
func FuzzFind(f *testing.F) {
	for _, seed := range []string{`/a/g`, `/\p{L}/u`, `new RegExp("(", "x")`, "`${/[/]/}`", `(async function(){await /(?<a>b)\k<a>/})`, `/\uD83D\uDC22|🐢/`} {
		f.Add(seed)
	}
	wrongExpression := regexp.MustCompile(`(?i)regular expression|invalid flags|regexp`)
	f.Fuzz(func(t *testing.T, code string) {
		if len(code) > 500 {
			t.Skip()
		}
		if len(syntax.Find(code).Findings) > 0 {
			return
		}
		if _, err := goja.Compile("", code, false); err != nil && wrongExpression.MatchString(err.Error()) {
			t.Errorf("the engine says %v", err)
		}
	})
}
