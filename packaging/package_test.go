package packaging

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"
)

func karma(files map[string][]byte) *Package {
	if files == nil {
		files = map[string][]byte{"index.js": []byte("export default {}\n")}
	}
	return &Package{Manifest: &Manifest{Name: "karma", Version: "1.0.0", DisplayName: "karma", Main: "index.js"}, Files: files}
}

func encode(t testing.TB, p *Package) []byte {
	t.Helper()
	data, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The bytes are a promise to every package that was ever published.
func TestEncodeWritesTheseVeryBytes(t *testing.T) {
	p := karma(map[string][]byte{"index.js": []byte("export default {}\n"), "logo.png": []byte("\x89PNG\r\n"), "é/😂.txt": []byte("\"\\/\b\f\t\u007f\u2028<&>é😂"), "\ufb33": {}, "escape.txt": []byte("\x1b[0m")})
	p.Signature = json.RawMessage(`{ "value": "v", "key": "k" }`)
	want := `{"files":{"escape.txt":{"base64":"G1swbQ=="},"index.js":"export default {}\n","logo.png":{"base64":"iVBORw0K"},"é/😂.txt":"\"\\/\b\f\t` + "\u007f\u2028" + `<&>é😂","` + "\ufb33" + `":""},"format":1,"integrity":"sha256-MUXFhmUJ2M2dATjSdjQgh/4C5DCtambWE37kyhQZ/6k=","manifest":{"name":"karma","version":"1.0.0"},"signature":{"key":"k","value":"v"}}` + "\n"
	if got := string(encode(t, p)); got != want {
		t.Errorf("encoded\n%swant\n%s", got, want)
	}
}

func TestEncodeIsWhatACanonicaliserWrites(t *testing.T) {
	anyText := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune("\x00\x01\x1f\b\t\n\f\r\"\\/\u007f\u2028\ufb33\U0001f602"))))
	rapid.Check(t, func(t *rapid.T) {
		p := karma(map[string][]byte{"index.js": nil})
		for range rapid.IntRange(0, 8).Draw(t, "files") {
			path, content := anyText.Draw(t, "path"), rapid.OneOf(rapid.SliceOf(rapid.Byte()), rapid.Map(anyText, func(s string) []byte { return []byte(s) })).Draw(t, "content")
			p.Files[path] = content
			if p.checkContent() != nil {
				delete(p.Files, path)
			}
		}
		data, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		canonical, err := jcs.Transform(data)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(append(canonical, '\n'), data) {
			t.Fatalf("encoded %s\nwant    %s", data, canonical)
		}
		again, err := Unpack(data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(again.Files) != len(p.Files) || again.Digest() != p.Digest() {
			t.Fatalf("%q became %q", p.Files, again.Files)
		}
		for path, content := range p.Files {
			if !bytes.Equal(content, again.Files[path]) {
				t.Fatalf("%q: %q became %q", path, content, again.Files[path])
			}
		}
	})
}

func TestPathsAreSortedByUTF16Units(t *testing.T) {
	got := sortedPaths(map[string][]byte{"\ufb33": nil, "😂": nil, "é": nil, "\r": nil, "1": nil, "10": nil, "€": nil, "öa": nil, "ö": nil, "😃": nil, "😂a": nil})
	want := []string{"\r", "1", "10", "é", "ö", "öa", "€", "😂", "😂a", "😃", "\ufb33"}
	if !slices.Equal(got, want) {
		t.Errorf("%q; want %q", got, want)
	}
}

func TestDigestIsOfTheContentAlone(t *testing.T) {
	p := karma(nil)
	digest := p.Digest()
	if len(digest) != 64 || strings.Trim(digest, "0123456789abcdef") != "" {
		t.Fatalf("digest %q; want SHA-256 in hex", digest)
	}
	read, err := Unpack(encode(t, p), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	bare, err := Unpack([]byte(`{ "files": {"index.js": "export default {}\u000a"}, "manifest": {"version": "1.0.0", "name": "karma"} }`), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	signed := karma(nil)
	signed.Signature = json.RawMessage(`{"key":"k"}`)
	for name, same := range map[string]*Package{"read": read, "read from the bare form": bare, "signed": signed} {
		if same.Digest() != digest {
			t.Errorf("%s: another digest", name)
		}
	}
	if !signed.Signed() || p.Signed() {
		t.Error("Signed does not tell the two apart")
	}
	version := karma(nil)
	version.Manifest.Version = "1.0.1"
	for name, other := range map[string]*Package{
		"another version": version,
		"another text":    karma(map[string][]byte{"index.js": []byte("export default {}")}),
		"another path":    karma(map[string][]byte{"index.ts": []byte("export default {}\n")}),
		"a file more":     karma(map[string][]byte{"index.js": []byte("export default {}\n"), "a": nil}),
	} {
		if other.Digest() == digest {
			t.Errorf("%s: the same digest", name)
		}
	}
}

func TestSignatureSurvivesReadingAndWriting(t *testing.T) {
	p := karma(nil)
	p.Signature = json.RawMessage(`{"keys":["a"],"value":"v"}`)
	data := encode(t, p)
	read, err := Unpack(data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if !read.Signed() || string(read.Signature) != string(p.Signature) || !bytes.Equal(encode(t, read), data) {
		t.Errorf("signature %s", read.Signature)
	}
}

func TestEncodeRefusesWhatUnpackWould(t *testing.T) {
	for name, c := range map[string]struct {
		p    *Package
		rule Rule
	}{
		"no manifest":        {&Package{Files: map[string][]byte{}}, RuleMissing},
		"no files":           {&Package{Manifest: karma(nil).Manifest}, RuleMissing},
		"a bad manifest":     {&Package{Manifest: &Manifest{Name: "karma", Main: "index.js"}, Files: map[string][]byte{"index.js": nil}}, RuleManifest},
		"a path that climbs": {karma(map[string][]byte{"index.js": nil, "../a": nil}), RulePath},
		"a path twice":       {karma(map[string][]byte{"index.js": nil, "INDEX.js": nil}), RuleDuplicatePath},
		"no entry":           {karma(map[string][]byte{"a": nil}), RuleEntry},
		"a bad signature":    {&Package{Manifest: karma(nil).Manifest, Files: karma(nil).Files, Signature: json.RawMessage(`"x"`)}, RuleType},
		"a broken signature": {&Package{Manifest: karma(nil).Manifest, Files: karma(nil).Files, Signature: json.RawMessage(`{"a":1,"a":1}`)}, RuleJSON},
	} {
		_, err := c.p.Encode()
		var e *PackageError
		if !errors.As(err, &e) || e.Rule != c.rule {
			t.Errorf("%s: %v; want a refusal by rule %q", name, err, c.rule)
		}
	}
}

func TestCheckKeepsTheLimits(t *testing.T) {
	p := karma(map[string][]byte{"index.js": make([]byte, 10), "a": make([]byte, 5)})
	for _, c := range []struct {
		limits Limits
		ok     bool
	}{{Limits{}, true}, {Limits{Files: 2, FileBytes: 10, TotalBytes: 15}, true}, {Limits{Files: 1}, false}, {Limits{FileBytes: 9}, false}, {Limits{TotalBytes: 14}, false}} {
		err := p.Check(c.limits)
		var e *PackageError
		if (err == nil) != c.ok || err != nil && (!errors.As(err, &e) || e.Rule != RuleSize) {
			t.Errorf("%+v: %v", c.limits, err)
		}
	}
}

func TestUnpackSharesNoMemoryWithItsInput(t *testing.T) {
	p := karma(map[string][]byte{"index.js": []byte("plain text"), "b": {0xff, 0}})
	p.Signature = json.RawMessage(`{"key":"k"}`)
	data := encode(t, p)
	read, err := Unpack(data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := encode(t, read)
	for i := range data {
		data[i] = 'x'
	}
	if !bytes.Equal(encode(t, read), want) {
		t.Error("the package changed with the bytes that it was read from")
	}
}

func TestFileNameKeepsNamesApart(t *testing.T) {
	for name, want := range map[string]string{"karma": "karma-1.0.0-b.plugin.json", "@ann/karma": "ann__karma-1.0.0-b.plugin.json"} {
		if got := FileName(&Manifest{Name: name, Version: "1.0.0-b"}); got != want {
			t.Errorf("%s: %s; want %s", name, got, want)
		}
	}
}

// large is a package of about so many bytes: code with its usual share of
// escapes, and a tenth of binary files.
func large(bytes int) *Package {
	random := rand.New(rand.NewPCG(1, 2))
	p := karma(nil)
	line := "\tconst value = await context.storage.get(\"key\"); // wait for it\n"
	for i := 0; bytes > 0; i++ {
		size := min(bytes, 50_000)
		name, content := "src/file", []byte(strings.Repeat(line, size/len(line)+1)[:size])
		if i%10 == 9 {
			name = "assets/picture"
			for j := range content {
				content[j] = byte(random.Uint32())
			}
		}
		p.Files[name+string(rune('a'+i%26))+string(rune('a'+i/26%26))] = content
		bytes -= size
	}
	return p
}

func BenchmarkUnpack5MB(b *testing.B) {
	data := encode(b, large(5_000_000))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Unpack(data, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// The floor of the one above: the standard library's decoder into a map, which
// checks nothing.
func BenchmarkUnpack5MBFloorUnmarshal(b *testing.B) {
	data := encode(b, large(5_000_000))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var shape struct{ Files map[string]any }
		if err := json.Unmarshal(data, &shape); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode5MB(b *testing.B) {
	p := large(5_000_000)
	b.SetBytes(5_000_000)
	b.ReportAllocs()
	for b.Loop() {
		encode(b, p)
	}
}

func BenchmarkDigest(b *testing.B) {
	for name, p := range map[string]*Package{"hello": karma(nil), "5MB": large(5_000_000)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Digest()
			}
		})
	}
}

func BenchmarkParseManifest(b *testing.B) {
	data := []byte(`{"name":"example-plugin","version":"1.0.0","description":"Example","main":"index.ts","permissions":[{"resource":"messages","actions":["read","send"]},{"resource":"storage","actions":["read","write"]}],"activation":["message:!example"]}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ParseManifest(data); err != nil {
			b.Fatal(err)
		}
	}
}
