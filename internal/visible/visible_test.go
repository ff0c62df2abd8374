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
	} {
		if got := Text(c.in); got != c.text {
			t.Errorf("Text(%q) = %q, wanted %q", c.in, got, c.text)
		}
		if got := Line(c.in); got != c.line {
			t.Errorf("Line(%q) = %q, wanted %q", c.in, got, c.line)
		}
	}
}
