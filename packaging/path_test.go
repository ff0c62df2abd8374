package packaging

import (
	"errors"
	"strings"
	"testing"
)

func TestValidPathAcceptsWhatEverySystemCanHold(t *testing.T) {
	for _, p := range []string{"index.js", "src/index.ts", "node_modules/@a/b/index.js", ".env", "..a", "a..b", "...a", "a b", "-", "é/ü.txt", "e\u0301", "[...slug].ts", "console.ts", "com.ts", "com10.ts", "lpt.js", "nulls/con1.ts", "icon.png", "a.", "COM/x", strings.Repeat("a", 1000)} {
		if err := ValidPath(p); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
}

func TestValidPathRefusesWhatSomeSystemCannot(t *testing.T) {
	for p, why := range map[string]string{
		"": "empty", "/": "absolute", "/a": "absolute", "a/": "empty part", "a//b": "empty part", "..": "climbs", "../a": "climbs", "a/..": "climbs", "a/../b": "climbs",
		".": "only dots", "./a": "only dots", "a/.": "only dots", "...": "only dots", ".. /a": "only dots", "a/ /b": "only dots", `a\b`: "backslash", `..\a`: "backslash", "C:/a": "colon", "a:b": "colon", "a\x00": "NUL", "a\xff": "UTF-8",
		"con": "Windows", "CON": "Windows", "Con.txt": "Windows", "con.tar.gz": "Windows", "con .txt": "Windows", "con ": "Windows", "con.": "Windows", "a/PRN/b": "Windows", "aux.js": "Windows", "nul.ts": "Windows",
		"com0": "Windows", "COM9.x": "Windows", "com¹": "Windows", "lpt³.js": "Windows", "conin$": "Windows", "CONOUT$.js": "Windows", strings.Repeat("a/", 500) + "a": "1001 bytes",
	} {
		err := ValidPath(p)
		var e *PackageError
		if !errors.As(err, &e) || e.Rule != RulePath || e.Path != p || !strings.Contains(e.Detail, why) {
			t.Errorf("%q: %v; want a refusal with %q", p, err, why)
		}
	}
}

func TestPathsThatOneFileSystemTakesForTheSameFoldAlike(t *testing.T) {
	for _, pair := range [][2]string{
		{"a/B.ts", "A/b.TS"}, {"\u00e9", "e\u0301"}, {"É", "e\u0301"}, {"Σ", "ς"}, {"K", "k"}, {"straße", "STRASSE"}, {"a.", "a"}, {"a. .", "A"}, {"a./b", "a/b"}, {"\u1e9b\u0323", "\u1e9b\u0323"}, {"Å", "å"}, {"ﬁ", "FI"}, {"ꭽ", "Ꭽ"}, {"ᏸ", "Ᏸ"},
	} {
		if foldPath(pair[0]) != foldPath(pair[1]) {
			t.Errorf("%q and %q fold to %q and %q", pair[0], pair[1], foldPath(pair[0]), foldPath(pair[1]))
		}
	}
	for _, pair := range [][2]string{{"a", "b"}, {"a/b", "ab"}, {".a", "a"}, {"e", "é"}, {"a b", "ab"}} {
		if foldPath(pair[0]) == foldPath(pair[1]) {
			t.Errorf("%q and %q both fold to %q", pair[0], pair[1], foldPath(pair[0]))
		}
	}
}
