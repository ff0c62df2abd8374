package seal

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestCreatedKeyLoads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret.key")
	made, err := CreateKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	loaded, err := LoadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := loaded.Open("p", "f", sealed(t, made, "p", "f", "x")); err != nil || string(got) != "x" {
		t.Errorf("opened %q, %v", got, err)
	}
	before, _ := os.ReadFile(path)
	if _, err := CreateKey(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating it again: %v, wanted fs.ErrExist", err)
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("the key was replaced")
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%d files were left, wanted the key alone", len(left))
	}
}

func TestOnlyOneOfManyCreates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret.key")
	var mu sync.Mutex
	var won []*Key
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			k, err := CreateKey(path)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won = append(won, k)
			case !errors.Is(err, fs.ErrExist):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Fatalf("%d created the key, wanted 1", len(won))
	}
	loaded, err := LoadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := loaded.Open("p", "f", sealed(t, won[0], "p", "f", "x")); err != nil {
		t.Error(err)
	}
}

func TestCreateKeyLeavesNothingWhereItCannot(t *testing.T) {
	if _, err := CreateKey(filepath.Join(t.TempDir(), "nowhere", "secret.key")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, wanted fs.ErrNotExist", err)
	}
}

func TestLoadKeyReadsHexAndBase64(t *testing.T) {
	raw := make([]byte, keyBytes)
	for i := range raw {
		raw[i] = byte(0xf8 + i) // so that both alphabets differ
	}
	first := key(t, "f8f9fafbfcfdfeff000102030405060708090a0b0c0d0e0f1011121314151617")
	for _, text := range []string{
		"F8F9FAFBFCFDFEFF000102030405060708090A0B0C0D0E0F1011121314151617",
		base64.StdEncoding.EncodeToString(raw), base64.RawStdEncoding.EncodeToString(raw),
		base64.URLEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
		"\n  " + base64.StdEncoding.EncodeToString(raw) + "\r\n",
	} {
		path := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := LoadKey(path)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if _, err := first.Open("p", "f", sealed(t, k, "p", "f", "x")); err != nil {
			t.Errorf("%q gave another key: %v", text, err)
		}
	}
}

func TestLoadKeyRefusesWhatIsNoKey(t *testing.T) {
	for name, c := range map[string][2]string{
		"empty":       {" \n", "found an empty file"},
		"short":       {"abcd", "found 3 bytes, wanted 32 bytes in hex"},
		"no encoding": {"correct horse battery staple", "found 28 characters that are neither hex nor base64"},
		"bad hex":     {"zz" + hexKey[2:], "found 64 characters that are neither"},
		"two keys":    {hexKey + "\n" + hexKey, "wanted 32 bytes"},
		"zeros":       {strings.Repeat("0", 64), "found 32 equal bytes"},
		"a large one": {strings.Repeat("a", 5000), "found more than 1024 bytes"},
	} {
		path := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(path, []byte(c[0]), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := LoadKey(path)
		if err == nil || !strings.Contains(err.Error(), c[1]) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, wanted %q and the path in it", name, err, c[1])
		}
		if len(c[0]) > 10 && err != nil && strings.Contains(err.Error(), c[0][2:8]) {
			t.Errorf("%s: the error shows what may be a key: %v", name, err)
		}
	}
	if _, err := LoadKey(filepath.Join(t.TempDir(), "k")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := LoadKey(t.TempDir()); err == nil || !strings.Contains(err.Error(), "found a folder, wanted a file") {
		t.Errorf("a folder: %v", err)
	}
}
