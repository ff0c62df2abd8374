package packaging

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"regexp/syntax"
	"testing"
	"unicode/utf8"

	"github.com/gowebpki/jcs"
)

// What ParseManifest accepts, MarshalJSON writes, and reading that again gives
// the same manifest; what it refuses is a *ManifestError that can be shown.
func FuzzManifest(f *testing.F) {
	for field, samples := range manifestSamples {
		for _, sample := range samples {
			data, _ := json.Marshal(map[string]any{"name": "karma", "version": "1.0.0", field: sample})
			f.Add(data)
		}
	}
	for _, s := range brokenJSON {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, warnings, err := ParseManifest(data)
		for _, w := range warnings {
			shown(t, w.String())
		}
		if err != nil {
			var e *ManifestError
			if !errors.As(err, &e) || len(e.Problems) == 0 {
				t.Fatalf("refused with %T: %v", err, err)
			}
			shown(t, err.Error())
			return
		}
		written, err := m.MarshalJSON()
		if err != nil {
			t.Fatalf("write what was read: %v", err)
		}
		canonical, err := jcs.Transform(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
		if err != nil || !bytes.Equal(canonical, written) {
			t.Fatalf("written %s\nwanted %s (%v)", written, canonical, err)
		}
		again, _, err := ParseManifest(written)
		if err != nil {
			t.Fatalf("read again %s: %v", written, err)
		}
		again.raw = m.raw
		if !reflect.DeepEqual(m, again) {
			t.Fatalf("read %+v\nand again %+v", m, again)
		}
		if _, err := ParseActivation(m.Activation); err != nil {
			t.Fatalf("compile the activation of a valid manifest: %v", err)
		}
	})
}

// What Unpack accepts encodes to bytes that it accepts and that encode to
// themselves, with the same digest; of format 1 those are the very bytes.
func FuzzUnpack(f *testing.F) {
	for _, s := range brokenJSON {
		f.Add([]byte(s))
	}
	for _, s := range goodPackages {
		f.Add([]byte(s))
		if p, err := Unpack([]byte(s), Limits{}); err == nil {
			if encoded, err := p.Encode(); err == nil {
				f.Add(encoded)
			}
			p.Signature = json.RawMessage(`{"key":"k","value":"v"}`)
			if encoded, err := p.Encode(); err == nil {
				f.Add(encoded)
			}
		}
	}
	for _, c := range refusals {
		f.Add([]byte(c.data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		limits := Limits{Files: 20, FileBytes: 2000, TotalBytes: 5000, Depth: 8}
		p, err := Unpack(data, limits)
		if err != nil {
			var e *PackageError
			if !errors.As(err, &e) || e.Rule == "" {
				t.Fatalf("refused with %T: %v", err, err)
			}
			shown(t, err.Error())
			return
		}
		if err := p.Check(limits); err != nil {
			t.Fatalf("check what was read: %v", err)
		}
		encoded, err := p.Encode()
		if err != nil {
			t.Fatalf("encode what was read: %v", err)
		}
		if p.Integrity != "" && !bytes.Equal(encoded, data) {
			t.Fatalf("accepted %q\nwhose canonical bytes are %q", data, encoded)
		}
		again, err := Unpack(encoded, limits)
		if err != nil {
			t.Fatalf("read what was encoded, %q: %v", encoded, err)
		}
		if !reflect.DeepEqual(p.Files, again.Files) || p.Digest() != again.Digest() {
			t.Fatalf("files %q, digest %s\nbecame %q, %s", p.Files, p.Digest(), again.Files, again.Digest())
		}
		canonical, err := jcs.Transform(encoded)
		if err != nil || !bytes.Equal(append(canonical, '\n'), encoded) {
			t.Fatalf("encoded %q\nwanted %q (%v)", encoded, canonical, err)
		}
	})
}

// A path is refused or stands beside itself only once, and costs little.
func FuzzPath(f *testing.F) {
	for _, p := range pathSamples {
		if s, ok := p.(string); ok {
			f.Add(s, s+"x")
		}
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		set := newPathSet()
		if set.add(a) != nil {
			return
		}
		if foldPath(foldPath(a)) != foldPath(a) {
			t.Fatalf("folding %q twice gives %q, then %q", a, foldPath(a), foldPath(foldPath(a)))
		}
		if set.add(a) == nil {
			t.Fatalf("%q stands there twice", a)
		}
		if ValidPath(b) == nil && foldPath(a) == foldPath(b) && set.add(b) == nil {
			t.Fatalf("%q stands beside %q", b, a)
		}
	})
}

// An expression that is accepted compiles to a program of bounded size, which
// is what bounds the time that a message can take in it.
func FuzzActivation(f *testing.F) {
	for _, sample := range manifestSamples["activation"] {
		if words, ok := sample.([]any); ok && len(words) > 0 {
			if word, ok := words[0].(string); ok {
				f.Add(word, "!weather in Oslo")
			}
		}
	}
	f.Fuzz(func(t *testing.T, word, content string) {
		a, err := ParseActivation([]string{word})
		if err != nil {
			shown(t, err.Error())
			return
		}
		a.MatchMessage(content)
		for _, p := range a.patterns {
			tree, err := syntax.Parse(p.String(), syntax.Perl)
			if err != nil {
				t.Fatal(err)
			}
			program, err := syntax.Compile(tree.Simplify())
			if err != nil {
				t.Fatal(err)
			}
			if n := len(program.Inst); n > 3*maxPatternSteps {
				t.Fatalf("%q compiles to %d instructions", word, n)
			}
		}
	})
}

// shown fails on a text that is no UTF-8 or steers a terminal.
func shown(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Fatalf("not UTF-8: %q", text)
	}
	for _, r := range text {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			t.Fatalf("%q has the control character %U", text, r)
		}
	}
}
