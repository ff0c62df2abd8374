package seal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

const hexKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

func key(t testing.TB, text string) *Key {
	t.Helper()
	k, err := ParseKey([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sealed(t testing.TB, k *Key, identity, field, plain string) []byte {
	t.Helper()
	out, err := k.Seal(identity, field, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatIsSealedOpens(t *testing.T) {
	k := key(t, hexKey)
	for _, plain := range []string{"", "s3cret", strings.Repeat("long ", 100_000), "\x00\xff"} {
		box := sealed(t, k, "local/karma", "token", plain)
		if len(box) != len(plain)+Overhead {
			t.Errorf("%d bytes were sealed to %d, wanted %d more", len(plain), len(box), Overhead)
		}
		if len(plain) > 3 && bytes.Contains(box, []byte(plain)) {
			t.Error("the plain text is in the sealed bytes")
		}
		got, err := k.Open("local/karma", "token", box)
		if err != nil || string(got) != plain {
			t.Errorf("opened %q, %v", got, err)
		}
	}
	if bytes.Equal(sealed(t, k, "a", "b", "same"), sealed(t, k, "a", "b", "same")) {
		t.Error("sealing twice gave the same bytes: it would tell that two secrets are equal")
	}
}

// Bytes that were sealed by the first version must open for ever.
func TestSealedBytesOfFormatOneOpen(t *testing.T) {
	got, err := key(t, hexKey).Open("local/karma", "token", formatOne)
	if err != nil || string(got) != "an old secret" {
		t.Errorf("opened %q, %v", got, err)
	}
}

func TestSecretOpensNowhereElse(t *testing.T) {
	k := key(t, hexKey)
	box := sealed(t, k, "local/karma", "token", "s3cret")
	other := key(t, "ff"+hexKey[2:])
	for name, open := range map[string]func() ([]byte, error){
		"another key":      func() ([]byte, error) { return other.Open("local/karma", "token", box) },
		"another identity": func() ([]byte, error) { return k.Open("local/karma2", "token", box) },
		"another field":    func() ([]byte, error) { return k.Open("local/karma", "token2", box) },
		"a moved border":   func() ([]byte, error) { return k.Open("local/karmat", "oken", box) },
		"nothing":          func() ([]byte, error) { return k.Open("local/karma", "token", nil) },
		"cut short":        func() ([]byte, error) { return k.Open("local/karma", "token", box[:len(box)-1]) },
		"cut to the nonce": func() ([]byte, error) { return k.Open("local/karma", "token", box[:13]) },
		"one byte longer":  func() ([]byte, error) { return k.Open("local/karma", "token", append(bytes.Clone(box), 0)) },
	} {
		if plain, err := open(); !errors.Is(err, ErrNotOpened) || plain != nil {
			t.Errorf("%s: got %q, %v, wanted ErrNotOpened", name, plain, err)
		}
	}
	for i := range box {
		changed := bytes.Clone(box)
		changed[i] ^= 0x10
		if plain, err := k.Open("local/karma", "token", changed); err == nil {
			t.Errorf("with byte %d changed it opens to %q", i, plain)
		}
	}
	box[0] = 2
	if _, err := k.Open("local/karma", "token", box); err == nil || !strings.Contains(err.Error(), "found format 2, wanted 1") {
		t.Errorf("a newer format: %v", err)
	}
}

func TestPairsOfIdentityAndFieldAreNeverConfused(t *testing.T) {
	seen := map[string]string{}
	parts := []string{"", "a", "ab", "b", "\x01a", "a\x01", "\x00", strings.Repeat("a", 127), strings.Repeat("a", 128), strings.Repeat("a", 300)}
	for _, identity := range parts {
		for _, field := range parts {
			data := string(bound(identity, field))
			if before, ok := seen[data]; ok {
				t.Errorf("%q/%q is bound like %s", identity, field, before)
			}
			seen[data] = fmt.Sprintf("%q/%q", identity, field)
		}
	}
}

func TestKeyIsNotShown(t *testing.T) {
	k := key(t, hexKey)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		if got := fmt.Sprintf(verb, k); got != "seal.Key(hidden)" {
			t.Errorf("%s shows %q", verb, got)
		}
	}
	if text, err := json.Marshal(k); err == nil {
		t.Errorf("a key was written as JSON: %s", text)
	}
}

func TestKeyServesManyGoroutines(t *testing.T) {
	k := key(t, hexKey)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			field := fmt.Sprint(i)
			for range 50 {
				box, err := k.Seal("p", field, []byte(field))
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := k.Open("p", field, box); err != nil || string(got) != field {
					t.Errorf("opened %q, %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzOpen(f *testing.F) {
	k := key(f, hexKey)
	f.Add("local/karma", "token", formatOne)
	f.Add("", "", []byte{})
	f.Add("a", "b", []byte{2, 0})
	f.Fuzz(func(t *testing.T, identity, field string, box []byte) {
		known := identity == "local/karma" && field == "token" && bytes.Equal(box, formatOne)
		if plain, err := k.Open(identity, field, box); err == nil && !known {
			t.Errorf("%x opened to %q", box, plain)
		}
		again, err := k.Seal(identity, field, box)
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := k.Open(identity, field, again); err != nil || !bytes.Equal(plain, box) {
			t.Errorf("opened %x, %v, wanted %x", plain, err, box)
		}
	})
}

func FuzzParseKey(f *testing.F) {
	f.Add([]byte(hexKey))
	f.Add([]byte("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="))
	f.Fuzz(func(t *testing.T, text []byte) {
		if k, err := ParseKey(text); err == nil && k == nil {
			t.Error("neither a key nor an error")
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	k := key(b, hexKey)
	plain := []byte("a token of forty characters, more or less")
	for b.Loop() {
		if _, err := k.Seal("local/karma", "token", plain); err != nil {
			b.Fatal(err)
		}
	}
}

// formatOne was sealed with hexKey for the field token of local/karma.
var formatOne = unhex("016a91fecbe5de7c690d18b77bbf9f30daa067cbc3f8d676aa4cdb98423e83782c8556188495298fccc0")

func unhex(text string) []byte {
	raw, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return raw
}
