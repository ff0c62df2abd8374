package sqlite

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/innkeeper-host/innkeeper/storage"
)

// These benchmarks decided between one file for all plugins and one for each:
//
//	go test -run '^$' -bench Layout ./storage/sqlite

const layoutPlugins = 50

// layout gives the store and identity of the n-th plugin.
type layout func(n int) (*Store, storage.Identity)

func identityOf(n int) storage.Identity { return storage.NewIdentity("local", fmt.Sprint("p", n)) }

func oneFile(b testing.TB) layout {
	s := openTempStore(b, Options{})
	return func(n int) (*Store, storage.Identity) { return s, identityOf(n) }
}

func fileEach(b testing.TB) layout {
	stores := make([]*Store, layoutPlugins)
	for i := range stores {
		stores[i] = openTempStore(b, Options{})
	}
	return func(n int) (*Store, storage.Identity) { return stores[n], identityOf(n) }
}

var layouts = []struct {
	name string
	open func(testing.TB) layout
}{{"OneFile", oneFile}, {"FileEach", fileEach}}

func (l layout) set(n, i int) error {
	s, id := l(n)
	_, err := s.Write(background, id,
		storage.Set{Entries: []storage.Entry{{Key: benchKey(i), Value: storage.Value{Data: benchValue(i)}}}})
	return err
}

// BenchmarkLayoutOpen opens a store anew, and tells what an open one costs.
func BenchmarkLayoutOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "store.db")
	for b.Loop() {
		s, err := OpenStore(path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLayoutFootprint gives each of the plugins one key and tells what a
// plugin takes on disk and in memory (the driver's memory is outside Go's
// heap, so the process is asked).
func BenchmarkLayoutFootprint(b *testing.B) {
	for _, kind := range layouts {
		b.Run(kind.name, func(b *testing.B) {
			for b.Loop() {
				before := resident(b)
				l := kind.open(b)
				for n := range layoutPlugins {
					if err := l.set(n, 1); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(resident(b)-before)/layoutPlugins, "resident-B/plugin")
				var size int64
				seen := map[string]bool{}
				for n := range layoutPlugins {
					s, _ := l(n)
					for _, suffix := range []string{"", "-wal", "-shm"} {
						if path := s.db.Path() + suffix; !seen[path] {
							seen[path] = true
							if info, err := os.Stat(path); err == nil {
								size += info.Size()
							}
						}
					}
				}
				b.ReportMetric(float64(size)/layoutPlugins, "disk-B/plugin")
			}
		})
	}
}

func resident(b *testing.B) int64 {
	runtime.GC()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("there is no /proc/self/statm")
	}
	var total, pages int64
	if _, err := fmt.Sscan(string(data), &total, &pages); err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// BenchmarkLayoutSet writes for one plugin after another.
func BenchmarkLayoutSet(b *testing.B) {
	for _, kind := range layouts {
		b.Run(kind.name, func(b *testing.B) {
			l := kind.open(b)
			i := 0
			for b.Loop() {
				if err := l.set(i%layoutPlugins, i); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
		b.Run(kind.name+"64Writers", func(b *testing.B) {
			l := kind.open(b)
			inParallel(b, func(i int) error { return l.set(i%layoutPlugins, i) })
		})
	}
}

// BenchmarkLayoutSnapshot takes and restores the data of one plugin, 1 MB in
// 1,000 keys, through the stream, and copies a file of its own as the other
// layout could (VACUUM INTO, which is consistent while others write).
func BenchmarkLayoutSnapshot(b *testing.B) {
	s := benchStore(b)
	op := storage.Set{}
	for i := range 1000 {
		op.Entries = append(op.Entries, storage.Entry{Key: benchKey(i),
			Value: storage.Value{Bytes: true, Data: bytes.Repeat([]byte{byte(i)}, 1000)}})
	}
	if _, err := s.Write(background, benchID, op); err != nil {
		b.Fatal(err)
	}
	var stream bytes.Buffer
	b.Run("Stream", func(b *testing.B) {
		for b.Loop() {
			stream.Reset()
			if err := s.Snapshot(background, benchID, &stream); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(stream.Len()), "stream-B")
	})
	b.Run("RestoreStream", func(b *testing.B) {
		for b.Loop() {
			if err := s.Restore(background, benchID, bytes.NewReader(stream.Bytes())); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("CopyFile", func(b *testing.B) {
		dir, i := b.TempDir(), 0
		for b.Loop() {
			i++
			// On the writing connection: those that read refuse it.
			err := s.db.write(background, &job{single: true, fn: func(tx *Tx) error {
				_, err := tx.conn.ExecContext(background, "VACUUM INTO ?1", filepath.Join(dir, fmt.Sprint(i)))
				return err
			}})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
