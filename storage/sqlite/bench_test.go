package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/innkeeper-host/innkeeper/storage"
)

// Each benchmark has its floor beside it: the same work as one prepared
// statement of a bare connection with the same settings, with no quota, no
// versions and nobody else. Run them together and compare ratios:
//
//	go test -run '^$' -bench 'Set|Get' ./storage/sqlite
//
// Values must differ from write to write: SQLite does not write a page that
// would stay the same, nor does it sync the disk then.

const benchID = "local/bench"

func benchKey(i int) string { return fmt.Sprint("key", i%1000) }

func benchValue(i int) []byte { return fmt.Appendf(nil, `{"hello":"world","n":%010d}`, i) }

func benchStore(b *testing.B) *Store { return openTempStore(b, Options{}) }

func setOne(s *Store, i int) error {
	r, err := s.Write(background, benchID,
		storage.Set{Entries: []storage.Entry{{Key: benchKey(i), Value: storage.Value{Data: benchValue(i)}}}})
	if err != nil {
		return err
	}
	return r[0].Err
}

func BenchmarkSet(b *testing.B) {
	s := benchStore(b)
	i := 0
	for b.Loop() {
		if err := setOne(s, i); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// floorConn is a bare connection with a bare table of keys.
func floorConn(b *testing.B) *sql.Conn {
	b.Helper()
	db, err := sql.Open(driverName, dsn(filepath.Join(b.TempDir(), "floor.db"), writerPragmas))
	if err != nil {
		b.Fatal(err)
	}
	conn, err := db.Conn(background)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close(); db.Close() })
	_, err = conn.ExecContext(background, `CREATE TABLE kv (owner INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,
		PRIMARY KEY (owner, key)) STRICT, WITHOUT ROWID`)
	if err != nil {
		b.Fatal(err)
	}
	return conn
}

func floorSet(b *testing.B, conn *sql.Conn) func(i int) error {
	b.Helper()
	s, err := conn.PrepareContext(background,
		"INSERT INTO kv (owner, key, value) VALUES (1, ?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return func(i int) error {
		_, err := s.ExecContext(background, []byte(benchKey(i)), benchValue(i))
		return err
	}
}

func BenchmarkSetFloor(b *testing.B) {
	set := floorSet(b, floorConn(b))
	i := 0
	for b.Loop() {
		if err := set(i); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkSet64Writers(b *testing.B) {
	s := benchStore(b)
	inParallel(b, func(i int) error { return setOne(s, i) })
}

// The floor of many writers is one after another.
func BenchmarkSet64WritersFloor(b *testing.B) {
	inParallel(b, floorSet(b, floorConn(b)))
}

func inParallel(b *testing.B, do func(i int) error) {
	var n atomic.Int64
	b.SetParallelism(32) // times GOMAXPROCS, 2 on the machine of the goals
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := do(int(n.Add(1))); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkGet(b *testing.B) {
	s := benchStore(b)
	for i := range 1000 {
		if err := setOne(s, i); err != nil {
			b.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(background) // as the host's are
	defer cancel()
	i := 0
	for b.Loop() {
		v, err := s.Get(ctx, benchID, benchKey(i))
		if err != nil || v[0] == nil {
			b.Fatal(v, err)
		}
		i++
	}
}

func BenchmarkGetFloor(b *testing.B) {
	conn := floorConn(b)
	set := floorSet(b, conn)
	for i := range 1000 {
		if err := set(i); err != nil {
			b.Fatal(err)
		}
	}
	get, err := conn.PrepareContext(background, "SELECT value FROM kv WHERE owner = 1 AND key = ?1")
	if err != nil {
		b.Fatal(err)
	}
	defer get.Close()
	i := 0
	for b.Loop() {
		var v []byte
		if err := get.QueryRowContext(background, []byte(benchKey(i))).Scan(&v); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkIncrement(b *testing.B) {
	s := benchStore(b)
	for b.Loop() {
		if _, err := s.Write(background, benchID, storage.Increment{Key: "n", By: 1}); err != nil {
			b.Fatal(err)
		}
	}
}
