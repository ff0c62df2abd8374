package sqlite

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper/internal/clock"
	"github.com/innkeeper-host/innkeeper/storage"
	"github.com/innkeeper-host/innkeeper/storage/storagetest"
)

func TestStoreKeepsTheInterfacesPromises(t *testing.T) {
	storagetest.Run(t, func(t testing.TB, c storagetest.Conditions) storage.Store {
		s, err := OpenStore(filepath.Join(t.TempDir(), "store.db"), Options{Clock: c.Clock, Limits: c.Limits})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func openTempStore(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := OpenStore(filepath.Join(t.TempDir(), "store.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
			t.Error(err)
		}
	})
	return s
}

func TestFullDiskLosesNothing(t *testing.T) {
	s := openTempStore(t, Options{})
	const id = "local/full"
	if _, err := s.Write(background, id, setOf("before", "safe")); err != nil {
		t.Fatal(err)
	}
	limitPages := func(n int) {
		err := s.db.write(background, &job{single: true, fn: func(tx *Tx) error {
			_, err := tx.conn.ExecContext(background, fmt.Sprintf("PRAGMA max_page_count = %d", n))
			return err
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	limitPages(60)
	large := strings.Repeat("x", 20_000)
	stored := 0
	var err error
	for ; stored < 100; stored++ {
		if _, err = s.Write(background, id, setOf(fmt.Sprint("k", stored), large)); err != nil {
			break
		}
	}
	if !errors.Is(err, storage.ErrFull) {
		t.Fatalf("after %d writes: %v", stored, err)
	}
	// In a transaction of several ops, and by the other owners of tables.
	if _, err := s.Write(background, id, setOf("small", "x"), setOf("large", large)); !errors.Is(err, storage.ErrFull) {
		t.Errorf("several ops: %v", err)
	}
	if err := s.SaveContributions(background, id, []byte(large)); !errors.Is(err, storage.ErrFull) {
		t.Errorf("SaveContributions: %v", err)
	}
	values, err := s.Get(background, id, "before", fmt.Sprint("k", stored-1), fmt.Sprint("k", stored), "small")
	if err != nil {
		t.Fatal(err)
	}
	if values[0] == nil || values[1] == nil || values[2] != nil || values[3] != nil {
		t.Errorf("of before, last, refused and half a transaction there are %v", values)
	}
	wantIntegrity(t, s)
	limitPages(10_000)
	if _, err := s.Write(background, id, setOf("after", large)); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestSweepRemovesInSteps(t *testing.T) {
	fake := clock.NewFake(time.UnixMilli(1_790_000_000_000))
	s := openTempStore(t, Options{Clock: fake, SweepEvery: 10 * time.Second})
	const keys = 3*sweepStep + 1
	op := storage.Set{TTL: time.Second}
	for i := range keys {
		op.Entries = append(op.Entries, storage.Entry{Key: fmt.Sprint("k", i), Value: storage.Value{Data: []byte("1")}})
	}
	if _, err := s.Write(background, "local/ttl", op); err != nil {
		t.Fatal(err)
	}
	rows := func() (n int) {
		err := s.db.Read(background, func(tx *Tx) error { return tx.QueryRow("SELECT count(*) FROM kv").Scan(&n) })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	fake.Advance(9 * time.Second)
	if n := rows(); n != keys {
		t.Errorf("before the sweep %d rows are there, want %d", n, keys)
	}
	fake.Advance(time.Second)
	if n := rows(); n != 0 {
		t.Errorf("the sweep left %d rows", n)
	}
	wantIntegrity(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if fake.Waiting() != 0 {
		t.Error("Close left a timer")
	}
}

func TestSlowSnapshotHoldsNobodyUp(t *testing.T) {
	s := openTempStore(t, Options{})
	if _, err := s.Write(background, "local/a", setOf("k", strings.Repeat("x", 200_000))); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	err := s.Snapshot(background, "local/a", writerFunc(func(p []byte) (int, error) {
		// Everything else goes on while the stream is being written.
		for range 10 {
			if _, err := s.Write(background, "local/a", setOf("k", "changed")); err != nil {
				return 0, err
			}
			if _, err := s.Get(background, "local/a", "k"); err != nil {
				return 0, err
			}
		}
		return b.Write(p)
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Restore(background, "local/a", &b); err != nil {
		t.Fatal(err)
	}
	v, err := s.Get(background, "local/a", "k")
	if err != nil || len(v[0].Data) != 200_002 {
		t.Errorf("the snapshot holds a later moment: %v", err)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// The driver is C translated by the same author's tool, and only works with
// the library that it was translated against.
func TestLibcIsTheOneThatSQLiteNames(t *testing.T) {
	gotool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go tool to ask")
	}
	module := func(name string) (m struct{ Version, GoMod string }) {
		t.Helper()
		out, err := exec.Command(gotool, "list", "-m", "-json", name).Output()
		if err != nil {
			t.Skipf("go list %s: %v", name, err)
		}
		if err := json.Unmarshal(out, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	goMod, err := os.ReadFile(module("modernc.org/sqlite").GoMod)
	if err != nil {
		t.Skipf("the module is not at hand: %v", err)
	}
	_, rest, found := strings.Cut(string(goMod), "modernc.org/libc ")
	if !found {
		t.Fatal("modernc.org/sqlite does not name its libc any more")
	}
	want := strings.Fields(rest)[0]
	if have := module("modernc.org/libc").Version; have != want {
		t.Errorf("go.mod has modernc.org/libc %s, modernc.org/sqlite wants exactly %s: go get modernc.org/libc@%s", have, want, want)
	}
}
