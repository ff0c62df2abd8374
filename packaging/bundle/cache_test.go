package bundle_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func small(text string) *packaging.Package {
	return files(map[string]string{"index.ts": `export default "` + text + `"`})
}

func openCache(t *testing.T, o bundle.CacheOptions) *bundle.Cache {
	t.Helper()
	c, err := bundle.NewCache(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func cached(t *testing.T, c *bundle.Cache, p *packaging.Package) *bundle.Bundle {
	t.Helper()
	b, err := c.Build(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// entries are the files of a cache's folder.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// rewrite changes a cache's only entry and gives it a right checksum again.
func rewrite(t *testing.T, dir, old, new string) {
	t.Helper()
	list := entries(t, dir)
	if len(list) != 1 {
		t.Fatalf("the cache holds %v", list)
	}
	data, err := os.ReadFile(list[0])
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := bytes.Cut(data, []byte("\n"))
	if !bytes.Contains(body, []byte(old)) {
		t.Fatalf("the entry does not hold %q", old)
	}
	body = bytes.Replace(body, []byte(old), []byte(new), 1)
	if err := os.WriteFile(list[0], fmt.Appendf(nil, "%x\n%s", sha256.Sum256(body), body), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCacheGivesTheSameBundleWithoutBuilding(t *testing.T) {
	dir := t.TempDir()
	first := cached(t, openCache(t, bundle.CacheOptions{Dir: dir}), small("one"))
	rewrite(t, dir, `\"one\"`, `\"ONE\"`) // whatever builds anew says "one"
	c := openCache(t, bundle.CacheOptions{Dir: dir})
	second := cached(t, c, small("one"))
	if !strings.Contains(second.Code, `"ONE"`) {
		t.Error("the entry of the folder is not used")
	}
	if second.Key != first.Key || len(second.SourceMap) == 0 || len(second.Inputs) != 1 || second.EsbuildVersion != first.EsbuildVersion {
		t.Errorf("it comes back as %+v", second)
	}
	if cached(t, c, small("one")) != second {
		t.Error("the bundle in memory is not used")
	}
}

func TestCacheKeyFollowsTheContent(t *testing.T) {
	c := openCache(t, bundle.CacheOptions{})
	if a, b := cached(t, c, small("one")), cached(t, c, small("two")); a.Key == b.Key || a.Code == b.Code {
		t.Error("two packages share a bundle")
	}
	other := small("one")
	other.Manifest.Version = "2.0.0"
	if cached(t, c, small("one")).Key == cached(t, c, other).Key {
		t.Error("the manifest does not count")
	}
}

func TestCacheBuildsBrokenEntriesAnew(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, dir string){
		"a bit":            func(t *testing.T, dir string) { change(t, dir, func(b []byte) []byte { b[len(b)/2] ^= 1; return b }) },
		"cut":              func(t *testing.T, dir string) { change(t, dir, func(b []byte) []byte { return b[:len(b)/2] }) },
		"empty":            func(t *testing.T, dir string) { change(t, dir, func([]byte) []byte { return nil }) },
		"another's bundle": func(t *testing.T, dir string) { rewrite(t, dir, `"Key":"sha256-`, `"Key":"sha256-x`) },
		"no code":          func(t *testing.T, dir string) { rewrite(t, dir, `"Code":"`, `"Gone":"`) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			want := cached(t, openCache(t, bundle.CacheOptions{Dir: dir}), small("one"))
			spoil(t, dir)
			for range 2 { // built anew, and then read again
				got := cached(t, openCache(t, bundle.CacheOptions{Dir: dir}), small("one"))
				if got.Code != want.Code || got.Key != want.Key || !bytes.Equal(got.SourceMap, want.SourceMap) {
					t.Error("it is not the same bundle")
				}
			}
		})
	}
}

func change(t *testing.T, dir string, f func([]byte) []byte) {
	t.Helper()
	for _, name := range entries(t, dir) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCacheKeepsNoErrors(t *testing.T) {
	dir := t.TempDir()
	c := openCache(t, bundle.CacheOptions{Dir: dir})
	if _, err := c.Build(context.Background(), files(map[string]string{"index.ts": "export default {"})); err == nil {
		t.Error("broken code builds")
	}
	if list := entries(t, dir); len(list) != 0 {
		t.Errorf("the folder holds %v", list)
	}
}

func TestCacheBoundsItsFolder(t *testing.T) {
	dir := t.TempDir()
	big := strings.Repeat("x", 10_000)
	c := openCache(t, bundle.CacheOptions{Dir: dir, Disk: 35_000, Memory: 1})
	start := time.Now().Add(-time.Hour)
	for i := range 6 {
		cached(t, c, small(fmt.Sprintf("%d%s", i, big)))
		for _, name := range entries(t, dir) { // older than what comes next, in order
			if info, err := os.Stat(name); err == nil && info.ModTime().After(start.Add(30*time.Minute)) {
				_ = os.Chtimes(name, start, start.Add(time.Duration(i)*time.Second))
			}
		}
	}
	var total int64
	for _, name := range entries(t, dir) {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if n := len(entries(t, dir)); total > 35_000 || n != 3 {
		t.Errorf("%d entries of %d bytes in all", n, total)
	}
	rest := openCache(t, bundle.CacheOptions{Dir: dir})
	before := len(entries(t, dir))
	cached(t, rest, small("5"+big)) // the latest is among them
	if after := len(entries(t, dir)); after != before {
		t.Error("the latest was dropped")
	}
}

func TestCacheSharesOneBuildAmongCallers(t *testing.T) {
	c := openCache(t, bundle.CacheOptions{})
	p := small("one")
	var wg sync.WaitGroup
	got := make([]*bundle.Bundle, 16)
	for i := range got {
		wg.Go(func() { got[i], _ = c.Build(context.Background(), p) })
	}
	wg.Wait()
	for _, b := range got {
		if b == nil || b != got[0] {
			t.Fatal("callers got different bundles")
		}
	}
}

func TestCacheGivesUpForWhoIsGoneOnly(t *testing.T) {
	c := openCache(t, bundle.CacheOptions{})
	gone, cancel := context.WithCancelCause(context.Background())
	why := errors.New("the host closes")
	cancel(why)
	if _, err := c.Build(gone, small("one")); err != nil && !errors.Is(err, why) {
		t.Errorf("the error is %v", err)
	}
	if b := cached(t, c, small("one")); b == nil {
		t.Error("the next caller gets nothing")
	}
}

func TestCacheWithoutAFolderOrAtAll(t *testing.T) {
	var none *bundle.Cache
	if b := cached(t, none, small("one")); b.Code == "" {
		t.Error("a nil cache does not build")
	}
	if _, err := none.Build(context.Background(), nil); err == nil {
		t.Error("no package builds")
	}
	if _, err := openCache(t, bundle.CacheOptions{}).Build(context.Background(), nil); err == nil {
		t.Error("no package builds")
	}
	unwritable := openCache(t, bundle.CacheOptions{Dir: t.TempDir()})
	if b := cached(t, unwritable, small("one")); b.Code == "" {
		t.Error("nothing comes")
	}
}
