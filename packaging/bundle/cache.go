package bundle

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/innkeeper-host/innkeeper/internal/atomicfile"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// Bounds of a Cache where its options say nothing else, in bytes.
const (
	DefaultCacheDisk   = 256 << 20
	DefaultCacheMemory = 32 << 20
)

// CacheOptions sets up a Cache.
type CacheOptions struct {
	Dir    string // of its own, made where it is missing; "" keeps bundles in memory only
	Disk   int64  // bytes that its files may have in all; 0 means DefaultCacheDisk
	Memory int64  // bytes of the bundles that it holds in memory; 0 means DefaultCacheMemory
	Build  Options
}

// A Cache keeps bundles by their Key. What its folder holds is not trusted: an
// entry that is cut, changed or of another form is built anew. It is safe for
// concurrent use, and several processes may share a folder. Its nil value
// builds every time.
type Cache struct {
	o CacheOptions

	mu      sync.Mutex
	held    map[string]*Bundle // in memory
	order   []string           // of held, the least lately used first
	size    int64              // of held
	flights map[string]*flight // what is being built
	written int64              // to disk since the folder was last looked through
}

// A flight is one build that several callers may wait for.
type flight struct {
	done    chan struct{} // closed when bundle and err are set
	bundle  *Bundle
	err     error
	waiting int
	cancel  context.CancelCauseFunc
}

// NewCache makes a cache. The error is that of making its folder.
func NewCache(o CacheOptions) (*Cache, error) {
	if o.Disk <= 0 {
		o.Disk = DefaultCacheDisk
	}
	if o.Memory <= 0 {
		o.Memory = DefaultCacheMemory
	}
	if o.Dir != "" {
		if err := os.MkdirAll(o.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("open the cache of bundles: %w", err)
		}
	}
	return &Cache{o: o, held: map[string]*Bundle{}, flights: map[string]*flight{}}, nil
}

// Build gives the package's bundle, from the cache or built and kept. Callers
// who ask for the same at the same time share one build, which is given up when
// the last of them has. The Bundle is shared: it must not be changed.
func (c *Cache) Build(ctx context.Context, pkg *packaging.Package) (*Bundle, error) {
	if c == nil {
		return Build(ctx, pkg, Options{})
	}
	if pkg == nil || pkg.Manifest == nil {
		return nil, errNoManifest
	}
	key := Key(pkg.Digest())
	c.mu.Lock()
	if b, ok := c.held[key]; ok {
		c.used(key)
		c.mu.Unlock()
		return b, nil
	}
	f, ok := c.flights[key]
	if !ok {
		f = &flight{done: make(chan struct{})}
		// The build outlives the caller who began it where others wait for it.
		var work context.Context
		work, f.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
		c.flights[key] = f
		go c.fly(work, f, key, pkg)
	}
	f.waiting++
	c.mu.Unlock()

	select {
	case <-f.done:
		return f.bundle, f.err
	case <-ctx.Done():
		c.mu.Lock()
		if f.waiting--; f.waiting == 0 {
			f.cancel(context.Cause(ctx))
			if c.flights[key] == f {
				delete(c.flights, key) // who comes now shall not get this one's error
			}
		}
		c.mu.Unlock()
		return nil, fmt.Errorf("build the plugin: %w", context.Cause(ctx))
	}
}

// fly finds or builds one bundle and tells everybody who waits.
func (c *Cache) fly(ctx context.Context, f *flight, key string, pkg *packaging.Package) {
	defer f.cancel(nil)
	f.bundle = c.read(key)
	if f.bundle == nil {
		f.bundle, f.err = Build(ctx, pkg, c.o.Build)
		if f.err == nil {
			c.write(f.bundle)
		}
	}
	c.mu.Lock()
	if f.err == nil {
		c.hold(key, f.bundle)
	}
	if c.flights[key] == f {
		delete(c.flights, key)
	}
	c.mu.Unlock()
	close(f.done)
}

func (b *Bundle) bytes() int64 { return int64(len(b.Code) + len(b.SourceMap)) }

// hold keeps a bundle in memory and drops the least lately used ones. The
// caller holds the lock.
func (c *Cache) hold(key string, b *Bundle) {
	if _, ok := c.held[key]; ok || b.bytes() > c.o.Memory {
		return
	}
	c.held[key] = b
	c.order = append(c.order, key)
	c.size += b.bytes()
	for c.size > c.o.Memory {
		oldest := c.order[0]
		c.order = c.order[1:]
		c.size -= c.held[oldest].bytes()
		delete(c.held, oldest)
	}
}

// used marks a bundle as the latest used. The caller holds the lock.
func (c *Cache) used(key string) {
	if i := slices.Index(c.order, key); i >= 0 {
		c.order = append(slices.Delete(c.order, i, i+1), key)
	}
}

// An entry of the folder is a checksum in hex, a newline, and a Bundle as JSON.
const (
	entrySuffix = ".bundle"
	sumLen      = 2 * sha256.Size
)

// path of a key's entry. Keys are made here, of letters that any system allows.
func (c *Cache) path(key string) string {
	return filepath.Join(c.o.Dir, strings.TrimPrefix(key, "sha256-")+entrySuffix)
}

// read gives the bundle from the folder, or nil where it cannot be trusted.
func (c *Cache) read(key string) *Bundle {
	if c.o.Dir == "" {
		return nil
	}
	p := c.path(key)
	data, err := os.ReadFile(p)
	if err != nil || len(data) < sumLen+1 || data[sumLen] != '\n' {
		return nil
	}
	body := data[sumLen+1:]
	if fmt.Sprintf("%x", sha256.Sum256(body)) != string(data[:sumLen]) {
		return nil
	}
	b := &Bundle{}
	if err := json.Unmarshal(body, b); err != nil || b.Key != key || b.Code == "" {
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(p, now, now) // so that what is used is dropped last
	return b
}

// write keeps a bundle in the folder. A cache that cannot be written costs time
// and nothing else, so nobody is told.
func (c *Cache) write(b *Bundle) {
	if c.o.Dir == "" {
		return
	}
	body, err := json.Marshal(b)
	if err != nil || int64(len(body)) > c.o.Disk {
		return
	}
	var data bytes.Buffer
	fmt.Fprintf(&data, "%x\n", sha256.Sum256(body))
	data.Write(body)
	if atomicfile.Write(c.path(b.Key), data.Bytes(), 0o600) == nil && c.pruneIsDue(int64(data.Len())) {
		c.prune()
	}
}

// pruneIsDue spares looking through the folder at every write: it is due when a
// sixteenth of what the folder may hold has been written, so that much is the
// most it may be over its bound. A cache that was just made looks at once, for
// it does not know what others left.
func (c *Cache) pruneIsDue(wrote int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.written == 0
	if c.written += wrote; first || c.written > c.o.Disk/16 {
		c.written = 1
		return true
	}
	return false
}

// prune removes the entries that were used longest ago until the rest are
// within the bound, and drafts that a crash has left.
func (c *Cache) prune() {
	entries, err := os.ReadDir(c.o.Dir)
	if err != nil {
		return
	}
	type file struct {
		name string
		size int64
		used time.Time
	}
	var files []file
	var total int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if !strings.HasSuffix(e.Name(), entrySuffix) {
			if strings.Contains(e.Name(), entrySuffix+".draft-") && time.Since(info.ModTime()) > time.Hour {
				_ = os.Remove(filepath.Join(c.o.Dir, e.Name()))
			}
			continue
		}
		files = append(files, file{e.Name(), info.Size(), info.ModTime()})
		total += info.Size()
	}
	slices.SortFunc(files, func(a, b file) int { return a.used.Compare(b.used) })
	for _, f := range files {
		if total <= c.o.Disk {
			return
		}
		if err := os.Remove(filepath.Join(c.o.Dir, f.name)); err == nil || errors.Is(err, fs.ErrNotExist) {
			total -= f.size
		}
	}
}
