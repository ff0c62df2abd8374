package packaging

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

const bareManifest = `{"name":"karma","version":"1.0.0"}`

// goodPackages are accepted as they stand.
var goodPackages = []string{
	`{"manifest":` + bareManifest + `,"files":{"index.js":""}}`,
	" {\n\"files\": {\"index.js\": \"\\u00e9\\n\\/\", \"a.bin\": {\"base64\": \"AAH\\/\"}, \"null.\\u0301/x\": \"\"},\n \"plugin\": {\"x\": [1]}, \"manifest\": " + bareManifest + "} \r\n",
	`{"manifest":{"name":"@ann/karma","version":"1.0.0-b","main":"./src/a.ts","odd":{"n":1e2,"s":"\u20ac"},"dependencies":["other"]},"files":{"src/a.ts":"export default {}","\ufb33":"","\ud83d\ude02":"","node_modules/.x/é.js":"\u007f\u2028"}}`,
}

// brokenJSON is refused by manifest and package reader alike.
var brokenJSON = []string{
	``, ` `, `{`, `{"manifest"`, `{"manifest":`, `{"manifest":{}`, `null`, `[]`, `"x"`, `1`, `{} {}`, `{},`, "{\"a\":\"\xff\"}", `{"a":"\ud800"}`, `{"a":"\udc00\ud800"}`,
	`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":{"b":1,"b":1}}`, `{'a':1}`, `{"a":01}`, `{"a":1e999}`, `{"a":NaN}`, "{\"a\":\"\n\"}", `{"a":1,}`, strings.Repeat(`[`, 10001), strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65),
}

func files(list string) string {
	return `{"manifest":` + bareManifest + `,"files":{"index.js":"",` + list + `}}`
}

// refusals is one package for each rule that refuses it; offender must stand
// in the error.
var refusals = []struct {
	name, data, offender string
	rule                 Rule
}{
	{"no object", `[]`, "an array", RuleType},
	{"no JSON", `{"manifest":`, "ends too early", RuleJSON},
	{"something after the end", files(`"a":""`) + "x", "line 1", RuleJSON},
	{"a second package after the end", files(`"a":""`) + files(`"a":""`), "follows the end", RuleJSON},
	{"a key twice", `{"manifest":{},"manifest":{}}`, `"manifest" twice`, RuleJSON},
	{"a key twice in the manifest", `{"files":{},"manifest":{"name":"a","name":"b"}}`, `"name" twice`, RuleJSON},
	{"a key twice by escape", files(`"a":"","\u0061":""`), `"a" twice`, RuleJSON},
	{"invalid UTF-8", files("\"a\":\"\xff\""), "UTF-8", RuleJSON},
	{"half a surrogate pair", files(`"a":"\ud800"`), "surrogate", RuleJSON},
	{"nested too deep in the manifest", `{"files":{},"manifest":` + strings.Repeat(`{"a":`, 64) + `1` + strings.Repeat(`}`, 64) + `}`, "64 deep", RuleDepth},
	{"nested too deep beside it", `{"x":` + strings.Repeat(`[`, 64) + strings.Repeat(`]`, 64) + `}`, "64 deep", RuleDepth},
	{"manifest of a wrong type", `{"manifest":[],"files":{}}`, "manifest: found an array", RuleType},
	{"files of a wrong type", `{"manifest":{},"files":[]}`, "files: found an array", RuleType},
	{"a file of a wrong type", files(`"a":5`), `"a": found a number`, RuleType},
	{"a file that is null", files(`"a":null`), `"a": found null`, RuleType},
	{"a file of another object", files(`"a":{"hex":"00"}`), `"a": found another object`, RuleType},
	{"a file of an empty object", files(`"a":{}`), `"a": found another object`, RuleType},
	{"a file of too much", files(`"a":{"base64":"","x":1}`), `"a": found an object with more`, RuleType},
	{"a file whose base64 is a number", files(`"a":{"base64":1}`), `"a": found a number`, RuleType},
	{"a bad manifest", `{"manifest":{"name":"karma"},"files":{}}`, "Invalid package: manifest: version: found nothing", RuleManifest},
	{"an absolute path", files(`"/etc/passwd":""`), `"/etc/passwd": the path is absolute`, RulePath},
	{"a path that climbs", files(`"a/../../b":""`), `"a/../../b": the path climbs`, RulePath},
	{"a path with a backslash", files(`"a\\b":""`), `"a\\b": the path has a backslash`, RulePath},
	{"a path with a colon", files(`"a:b":""`), `"a:b": the path has a colon`, RulePath},
	{"a path with a NUL", files(`"a\u0000b":""`), `"a\x00b": the path has a NUL`, RulePath},
	{"a path with an empty part", files(`"a//b":""`), `"a//b": the path has an empty part`, RulePath},
	{"a path that ends in a slash", files(`"a/":""`), `"a/": the path has an empty part`, RulePath},
	{"an empty path", files(`"":""`), `the path is empty`, RulePath},
	{"a path with a part of one dot", files(`"a/./b":""`), `"a/./b": the path has a part of only dots`, RulePath},
	{"a path of a Windows device", files(`"src/Con.ts":""`), `"src/Con.ts": the path has a part that Windows`, RulePath},
	{"a path that is too long", files(`"` + strings.Repeat("a", 1001) + `":""`), "1001 bytes", RulePath},
	{"a path again but for case", files(`"a":"","A":""`), `"A": the path repeats`, RuleDuplicatePath},
	{"a path again but for Unicode case", files(`"É":"","é":""`), `"é": the path repeats`, RuleDuplicatePath},
	{"a path again but for Unicode form", files(`"\u00e9":"","e\u0301":""`), `the path repeats`, RuleDuplicatePath},
	{"a path again but for dots at the end", files(`"a":"","a.":""`), `"a.": the path repeats`, RuleDuplicatePath},
	{"a file where another has a folder", files(`"a/b/c":"","A/B":""`), `"A/B": the path is a file here`, RuleDuplicatePath},
	{"a folder where another has a file", files(`"a/b":"","a/b/c/d":""`), `"a/b/c/d": the path has a folder`, RuleDuplicatePath},
	{"letters that are not base64", files(`"a":{"base64":"****"}`), `"a": not base64`, RuleBase64},
	{"base64 without padding", files(`"a":{"base64":"QQ"}`), `"a": not base64`, RuleBase64},
	{"base64 with bits left over", files(`"a":{"base64":"QR=="}`), `"a": not base64`, RuleBase64},
	{"base64 with a line break", files(`"a":{"base64":"QUFB\nQQ=="}`), `"a": not base64`, RuleBase64},
	{"base64 for URLs", files(`"a":{"base64":"_-8="}`), `"a": not base64`, RuleBase64},
	{"an entry that is not there", `{"manifest":` + bareManifest + `,"files":{"Index.js":""}}`, `"index.js": the entry is not among the files; is it "Index.js"?`, RuleEntry},
	{"a format that is not known", `{"format":2,"manifest":{},"files":{}}`, "format: found 2, wanted 1", RuleFormat},
	{"a format that is a text", `{"format":"1","manifest":{},"files":{}}`, `format: found "1"`, RuleFormat},
	{"an integrity without a format", `{"integrity":"sha256-x","manifest":{},"files":{}}`, "format: missing", RuleFormat},
	{"a signature without a format", `{"signature":{},"manifest":{},"files":{}}`, "format: missing", RuleFormat},
	{"no integrity in format 1", `{"format":1,"manifest":` + bareManifest + `,"files":{"index.js":""}}`, "integrity: missing", RuleIntegrity},
	{"an integrity of a wrong type", `{"format":1,"integrity":1}`, "integrity: found a number", RuleType},
	{"a signature of a wrong type", `{"format":1,"signature":"x"}`, "signature: found a text", RuleType},
	{"a signature that is null", `{"format":1,"signature":null}`, "signature: found nothing", RuleType},
	{"a member that is not known in format 1", `{"format":1,"integrity":"","extra":1,"manifest":{},"files":{}}`, `no member "extra"`, RuleMember},
}

func TestUnpackRefusesAndNamesTheOffender(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			p, err := Unpack([]byte(c.data), Limits{})
			var e *PackageError
			if !errors.As(err, &e) || p != nil {
				t.Fatalf("Unpack gave %v, %v; want a *PackageError", p, err)
			}
			if e.Rule != c.rule || !strings.Contains(err.Error(), c.offender) || !strings.HasPrefix(err.Error(), "Invalid package: ") {
				t.Errorf("rule %q, error %q; want rule %q and an error with %q", e.Rule, err, c.rule, c.offender)
			}
			shown(t, err.Error())
		})
	}
}

func TestUnpackRefusesBrokenJSON(t *testing.T) {
	for _, s := range brokenJSON {
		if _, err := Unpack([]byte(s), Limits{}); err == nil {
			t.Errorf("%.60q was accepted", s)
		}
	}
}

// The two messages are those of the seed, word for word.
func TestUnpackSaysWhatIsMissingInTheWordsOfTheSeed(t *testing.T) {
	for data, want := range map[string]string{
		`{}`:                            "Invalid package: missing manifest",
		`{"files":{}}`:                  "Invalid package: missing manifest",
		`{"manifest":null,"files":{}}`:  "Invalid package: missing manifest",
		`{"manifest":"","files":{}}`:    "Invalid package: missing manifest",
		`{"manifest":{}}`:               "Invalid package: missing files",
		`{"manifest":{},"files":null}`:  "Invalid package: missing files",
		`{"manifest":{},"files":false}`: "Invalid package: missing files",
		`{"manifest":{},"files":0}`:     "Invalid package: missing files",
		`{"format":1,"manifest":{}}`:    "Invalid package: missing files",
		`{"format":1,"files":{}}`:       "Invalid package: missing manifest",
	} {
		_, err := Unpack([]byte(data), Limits{})
		var e *PackageError
		if !errors.As(err, &e) || e.Rule != RuleMissing || err.Error() != want {
			t.Errorf("%s: %v; want %q", data, err, want)
		}
	}
}

func TestUnpackReadsTheBareFormInAnyForm(t *testing.T) {
	p, err := Unpack([]byte(goodPackages[1]), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(p.Files["index.js"]); got != "é\n/" {
		t.Errorf("index.js is %q", got)
	}
	if got := p.Files["a.bin"]; !bytes.Equal(got, []byte{0, 1, 255}) {
		t.Errorf("a.bin is %v", got)
	}
	if p.Signed() || p.Integrity != "" {
		t.Error("a bare package counts as signed or sealed")
	}
}

func TestUnpackAcceptsOnlyTheCanonicalBytesOfFormat1(t *testing.T) {
	encoded := encodeGood(t, 2)
	if _, err := Unpack(encoded, Limits{}); err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(encoded, &tree); err != nil {
		t.Fatal(err)
	}
	indented, _ := json.MarshalIndent(tree, "", " ")
	swap := func(old, new string) []byte {
		t.Helper()
		if !bytes.Contains(encoded, []byte(old)) {
			t.Fatalf("%s is not in the package", old)
		}
		return bytes.Replace(encoded, []byte(old), []byte(new), 1)
	}
	for name, data := range map[string][]byte{
		"indented":                    indented,
		"without the newline":         bytes.TrimSuffix(encoded, []byte("\n")),
		"with two newlines":           append(bytes.Clone(encoded), '\n'),
		"with a blank":                append([]byte(" "), encoded...),
		"with a number written long":  swap(`"n":100`, `"n":1e2`),
		"with an escape for a letter": swap("export default", `export\u0020default`),
		"with an escaped slash":       swap("src/a.ts\":", `src\/a.ts":`),
		"text in base64":              swap(`"export default {}"`, `{"base64":"ZXhwb3J0IGRlZmF1bHQge30="}`),
		"keys in another order":       swap(`"name":"@ann/karma","odd":{"n":100,"s":"€"}`, `"odd":{"n":100,"s":"€"},"name":"@ann/karma"`),
	} {
		_, err := Unpack(data, Limits{})
		var e *PackageError
		if !errors.As(err, &e) || e.Rule != RuleCanonical {
			t.Errorf("%s: %v; want a refusal by rule %q", name, err, RuleCanonical)
		}
	}
}

func TestUnpackRefusesAChangedContent(t *testing.T) {
	encoded := encodeGood(t, 2)
	for old, new := range map[string]string{
		"export default {}": "export default []", `"version":"1.0.0-b"`: `"version":"1.0.1-b"`, `"integrity":"sha256-`: `"integrity":"sha512-`, `"src/a.ts"`: `"src/a.tsx"`,
	} {
		changed := bytes.Replace(bytes.Clone(encoded), []byte(old), []byte(new), 1)
		if old == `"src/a.ts"` {
			changed = bytes.ReplaceAll(changed, []byte("src/a.ts\""), []byte("src/a.tsx\""))
		}
		_, err := Unpack(changed, Limits{})
		var e *PackageError
		if !errors.As(err, &e) || e.Rule != RuleIntegrity {
			t.Errorf("%s → %s: %v; want a refusal by rule %q", old, new, err, RuleIntegrity)
		}
	}
}

func TestUnpackKeepsTheLimits(t *testing.T) {
	ten := strings.Repeat("x", 10)
	small := Limits{Files: 3, FileBytes: 10, TotalBytes: 25}
	for _, c := range []struct {
		name, rest, offender string
		total                int64
	}{
		{"exactly the limits", `,"a":"` + ten + `","b":{"base64":"AAAAAAAAAAAAAA=="}`, "", 25},
		{"a file too many", `,"a":"","b":"","c":""`, "more than 3 files", 25},
		{"a text too large", `,"a":"x` + ten + `"`, `"a": the file has 11 bytes, of at most 10`, 25},
		{"a text too large once decoded", `,"a":"` + strings.Repeat(`\u0078`, 11) + `"`, `"a": the file has 11 bytes, of at most 10`, 25},
		{"a binary too large", `,"a":{"base64":"AAAAAAAAAAAAAAA="}`, `"a": the file has 11 bytes, of at most 10`, 25},
		{"a byte too many in all", `,"a":"` + ten + `","b":"` + ten + `"`, `"b": with this file all have more than 24 bytes`, 24},
	} {
		l := small
		l.TotalBytes = c.total
		_, err := Unpack([]byte(`{"manifest":`+bareManifest+`,"files":{"index.js":"xxxxx"`+c.rest+`}}`), l)
		if c.offender == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		var e *PackageError
		if !errors.As(err, &e) || e.Rule != RuleSize || !strings.Contains(err.Error(), c.offender) {
			t.Errorf("%s: %v; want a refusal by size with %q", c.name, err, c.offender)
		}
	}
	if _, err := Unpack(make([]byte, 2*small.EncodedBytes()), small); err == nil || !strings.Contains(err.Error(), "bytes, of at most") {
		t.Errorf("more bytes than any package has: %v", err)
	}
}

// What is largest in its encoded form still fits what Unpack reads.
func TestEveryPackageWithinTheLimitsCanBeRead(t *testing.T) {
	l := Limits{Files: 4, FileBytes: 3000, TotalBytes: 9000}
	for name, content := range map[string]string{"escapes": strings.Repeat("\n", 3000), "controls": strings.Repeat("\x01", 3000), "no UTF-8": strings.Repeat("\xff", 3000), "letters": strings.Repeat("é", 1500)} {
		p := &Package{Manifest: &Manifest{Name: "karma", Version: "1.0.0", Main: "index.js"}, Files: map[string][]byte{"index.js": nil}}
		for i := range 3 {
			p.Files[fmt.Sprint(i)+strings.Repeat("\x01", 990)] = []byte(content)
		}
		encoded, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Unpack(encoded, l); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A package of only brackets, keys or slashes is refused in about linear time
// and memory: a run that is not would not end within the test's own limit.
func TestUnpackBearsHostileShapes(t *testing.T) {
	for name, data := range map[string]string{
		"brackets": `{"x":` + strings.Repeat(`[`, 30<<20),
		"keys":     `{"files":{` + strings.Repeat(`"a":"",`, 1<<20),
		"slashes":  `{"files":{"` + strings.Repeat(`a/`, 10<<20) + `":""}}`,
		"files":    `{"files":{` + manyFiles(300_000),
		"numbers":  `{"manifest":{"a":[` + strings.Repeat(`1,`, 5<<20) + `1]},"files":{}}`,
	} {
		if _, err := Unpack([]byte(data), Limits{}); err == nil {
			t.Errorf("%s were accepted", name)
		}
	}
}

func manyFiles(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"f%d":"",`, i)
	}
	return b.String()
}

func encodeGood(t *testing.T, i int) []byte {
	t.Helper()
	p, err := Unpack([]byte(goodPackages[i]), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}
