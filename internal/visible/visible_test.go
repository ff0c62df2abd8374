package visible

import "testing"

func TestWhatDeceivesIsEscaped(t *testing.T) {
	for _, c := range []struct{ in, text, line string }{
		{"plain", "plain", "plain"},
		{"two\nlines\t.", "two\nlines\t.", `two\u000alines\u0009.`},
		{"\x1b[31mred", `\u001b[31mred`, `\u001b[31mred`},
		{"a\u202Eb\u2066c", `a\u202eb\u2066c`, `a\u202eb\u2066c`},
		{"back\rspace\b", `back\u000dspace\u0008`, `back\u000dspace\u0008`},
		{"bad\xff", `bad\xff`, `bad\xff`},
		{"kept \uFFFD", "kept \uFFFD", "kept \uFFFD"},
		{"grüße 👩‍💻", "grüße 👩‍💻", "grüße 👩‍💻"},
		{"c1\u009b31m", `c1\u009b31m`, `c1\u009b31m`},
		{"tag\U000E0041", `tag\U000e0041`, `tag\U000e0041`},
		{"no\u200Bspace\uFEFF", `no\u200bspace\ufeff`, `no\u200bspace\ufeff`},
		{"\u0600\u0661\u0662", "\u0600\u0661\u0662", "\u0600\u0661\u0662"}, // a sign that is drawn
	} {
		if got := Text(c.in); got != c.text {
			t.Errorf("Text(%q) = %q, wanted %q", c.in, got, c.text)
		}
		if got := Line(c.in); got != c.line {
			t.Errorf("Line(%q) = %q, wanted %q", c.in, got, c.line)
		}
	}
}

func TestLongTextIsCutAtACharacter(t *testing.T) {
	for _, c := range []struct {
		in   string
		most int
		want string
	}{
		{"short", 5, "short"}, {"longer", 4, "long…"}, {"grüße", 3, "gr…"}, {"grüße", 4, "grü…"},
		{"a\x1bbc", 3, `a\u001bb…`}, {"ü", 1, "…"}, {"\x80\x80\x80", 2, "…"}, {"", 0, ""},
	} {
		if got := Clip(c.in, c.most); got != c.want {
			t.Errorf("Clip(%q, %d) = %q, wanted %q", c.in, c.most, got, c.want)
		}
	}
}
