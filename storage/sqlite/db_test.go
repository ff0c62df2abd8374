package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/innkeeper-host/innkeeper/storage"
)

var background = context.Background()

var oneTable = []Migration{{Name: "a table", SQL: "CREATE TABLE t (n INTEGER PRIMARY KEY, v BLOB) STRICT"}}

func openTemp(t testing.TB, migrations []Migration) *DB {
	t.Helper()
	db, err := Open(filepath.Join(t.TempDir(), "test.db"), migrations)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
			t.Error(err)
		}
	})
	return db
}

func count(t testing.TB, db *DB) (n int) {
	t.Helper()
	err := db.Read(background, func(tx *Tx) error { return tx.QueryRow("SELECT count(*) FROM t").Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMigrationsRunOnceAndInOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b%20c?d#e.db")
	steps := append(oneTable[:1:1],
		Migration{Name: "a row", SQL: "INSERT INTO t (n) VALUES (1); INSERT INTO t (n) VALUES (2)"},
		Migration{Name: "another", SQL: "INSERT INTO t (n) SELECT max(n) + 1 FROM t"})
	for have := 1; have <= len(steps); have++ {
		for range 2 { // the second time there is nothing to do
			db, err := Open(path, steps[:have])
			if err != nil {
				t.Fatal(err)
			}
			if n, want := count(t, db), []int{0, 2, 3}[have-1]; n != want {
				t.Errorf("after %d steps there are %d rows, want %d", have, n, want)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file is not where it was asked for: %v", err)
	}
}

func TestFailedMigrationLeavesTheVersionBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	broken := append(oneTable[:1:1], Migration{Name: "broken", SQL: "INSERT INTO t (n) VALUES (1); INSERT INTO none VALUES (1)"})
	if _, err := Open(path, broken); err == nil || !strings.Contains(err.Error(), "migration 2 (broken)") {
		t.Fatalf("error %v does not name the migration", err)
	}
	db, err := Open(path, oneTable)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if n := count(t, db); n != 0 {
		t.Errorf("the failed migration left %d rows", n)
	}
}

func TestNewerSchemaIsRefusedAndUntouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := Open(path, append(oneTable[:1:1], Migration{Name: "newer", SQL: "INSERT INTO t (n) VALUES (1)"}))
	if err != nil {
		t.Fatal(err)
	}
	// With its log beside it, as a host that was killed leaves it.
	copied := filepath.Join(t.TempDir(), "copied.db")
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, copied} {
		before := contents(t, path)
		_, err = Open(path, oneTable)
		var schema *storage.SchemaError
		if !errors.As(err, &schema) || schema.Have != 2 || schema.Known != 1 || schema.Path != path {
			t.Errorf("error is %v", err)
		}
		if after := contents(t, path); after != before {
			t.Error("the file was changed")
		}
	}
}

// contents is the file and its log.
func contents(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(path + "-wal")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data) + "|" + string(log)
}

func TestWhatIsNoDatabaseIsDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	text := strings.Repeat("no database ", 1000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, oneTable); !errors.Is(err, storage.ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("error is %v", err)
	}
	if got := contents(t, path); got != text+"|" {
		t.Error("the file was changed")
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none", "test.db"), oneTable); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v", err)
	}
	if _, err := Open("", oneTable); err == nil {
		t.Error("the empty path was opened")
	}
}

func TestOnlyTheOwnerCanReadTheFile(t *testing.T) {
	db := openTemp(t, oneTable)
	if err := db.Write(background, insert(1)); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		info, err := os.Stat(db.Path() + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 && os.PathSeparator == '/' {
			t.Errorf("the mode of %q is %v", suffix, mode)
		}
	}
}

func insert(n int) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Exec("INSERT INTO t (n) VALUES (?1)", n)
		return err
	}
}

// hold keeps the writer busy until release is called, so that what is written
// meanwhile shares one transaction.
func hold(t *testing.T, db *DB) (release func()) {
	t.Helper()
	entered, free := make(chan struct{}), make(chan struct{})
	// Single, so that SQLite's lock stays free.
	j := &job{single: true, ended: make(chan error, 1), fn: func(*Tx) error {
		close(entered)
		<-free
		return nil
	}}
	// Through the queue, so that the writer's goroutine is the one that waits.
	if err := db.enqueue(background, j); err != nil {
		t.Fatal(err)
	}
	<-entered
	return func() {
		close(free)
		if err := <-j.ended; err != nil {
			t.Error(err)
		}
	}
}

// waitForQueue waits until n writes are in the queue.
func waitForQueue(t *testing.T, db *DB, n int) {
	t.Helper()
	for len(db.queue) < n {
		if t.Context().Err() != nil {
			t.Fatal("the queue does not fill")
		}
		pause()
	}
}

func TestFailureInAGroupIsItsOwn(t *testing.T) {
	db := openTemp(t, oneTable)
	release := hold(t, db)
	boom := errors.New("boom")
	fns := []func(*Tx) error{
		insert(1),
		func(tx *Tx) error { return errors.Join(insert(2)(tx), boom) },
		insert(3),
		func(tx *Tx) error { _ = insert(4)(tx); panic("at the disco") },
		insert(1), // there already
		insert(5),
	}
	errs := make([]error, len(fns))
	var wg sync.WaitGroup
	for i, fn := range fns {
		wg.Go(func() { errs[i] = db.Write(background, fn) })
		waitForQueue(t, db, i+1)
	}
	release()
	wg.Wait()
	for i, wantErr := range []bool{false, true, false, true, true, false} {
		if (errs[i] != nil) != wantErr {
			t.Errorf("write %d ended with %v", i, errs[i])
		}
	}
	if !errors.Is(errs[1], boom) || !strings.Contains(fmt.Sprint(errs[3]), "at the disco") {
		t.Errorf("errors are %v and %v", errs[1], errs[3])
	}
	var got string
	err := db.Read(background, func(tx *Tx) error {
		return tx.QueryRow("SELECT group_concat(n) FROM (SELECT n FROM t ORDER BY n)").Scan(&got)
	})
	if err != nil || got != "1,3,5" {
		t.Errorf("the rows are %s, %v", got, err)
	}
}

func TestEndedContextLeavesTheQueue(t *testing.T) {
	db := openTemp(t, oneTable)
	release := hold(t, db)
	ctx, cancel := context.WithCancel(background)
	done := make(chan error)
	go func() { done <- db.Write(ctx, insert(1)) }()
	waitForQueue(t, db, 1)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Write: %v", err)
	}
	release()
	if err := db.Write(background, insert(2)); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db); n != 1 {
		t.Errorf("%d rows were written, want only the second", n)
	}
}

func TestCloseFinishesWhatIsInTheQueue(t *testing.T) {
	db := openTemp(t, oneTable)
	path := db.Path()
	release := hold(t, db)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := db.Write(background, insert(i)); err != nil {
				t.Error(err)
			}
		})
	}
	waitForQueue(t, db, 20)
	wg.Go(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	for !db.isClosed() {
		pause()
	}
	release()
	wg.Wait()
	if err := db.Write(background, insert(99)); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("Write after Close: %v", err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Close left the log: %v", err)
	}
	again, err := Open(path, oneTable)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n := count(t, again); n != 20 {
		t.Errorf("%d rows are there, want 20", n)
	}
}

func TestReadSeesOneMoment(t *testing.T) {
	db := openTemp(t, oneTable)
	err := db.Read(background, func(tx *Tx) error {
		var before, after int
		if err := tx.QueryRow("SELECT count(*) FROM t").Scan(&before); err != nil {
			return err
		}
		if err := db.Write(background, insert(1)); err != nil {
			return err
		}
		if err := tx.QueryRow("SELECT count(*) FROM t").Scan(&after); err != nil {
			return err
		}
		if before != after {
			t.Errorf("one Read saw %d rows and then %d", before, after)
		}
		if _, err := tx.Exec("INSERT INTO t (n) VALUES (2)"); err == nil {
			t.Error("Read could write")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLogDoesNotGrowForEver(t *testing.T) {
	db := openTemp(t, oneTable)
	const bound = 1 << 20
	db.writer.bound, db.writer.cutAt = bound, bound
	var largest int64
	write := func(times, bytes int) {
		for range times {
			err := db.Write(background, func(tx *Tx) error {
				_, err := tx.Exec(`INSERT INTO t (n, v) VALUES (1, randomblob(?1))
					ON CONFLICT DO UPDATE SET v = excluded.v`, bytes)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(db.Path() + "-wal")
			if err != nil {
				t.Fatal(err)
			}
			largest = max(largest, info.Size())
		}
	}
	// A reader that stays keeps SQLite from starting the log anew.
	err := db.Read(background, func(tx *Tx) error {
		if err := tx.QueryRow("SELECT count(*) FROM t").Scan(new(int)); err != nil {
			return err
		}
		write(walCheckEvery+1, 40_000)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if largest < 2*bound {
		t.Fatalf("the log grew to %d bytes only: the test proves nothing", largest)
	}
	write(walCheckEvery, 40_000)
	info, err := os.Stat(db.Path() + "-wal")
	if err != nil || info.Size() > bound {
		t.Errorf("once the reader had gone the log stayed at %d bytes, %v", info.Size(), err)
	}
}

func TestPanicOfALoneWriteIsItsError(t *testing.T) {
	db := openTemp(t, oneTable)
	err := db.Write(background, func(tx *Tx) error { _ = insert(1)(tx); panic("boom") })
	if err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("error is %v", err)
	}
	if err := db.Write(background, insert(2)); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db); n != 1 {
		t.Errorf("%d rows are there, want only the second", n)
	}
}

func TestLockedByAnotherIsBusyForTheWholeGroup(t *testing.T) {
	db := openTemp(t, oneTable)
	other, err := Open(db.Path(), oneTable)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	err = db.write(background, &job{single: true, fn: func(tx *Tx) error {
		_, err := tx.conn.ExecContext(background, "PRAGMA busy_timeout = 10")
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	release := hold(t, db)
	errs := make([]error, 3)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = db.Write(background, insert(i)) })
		waitForQueue(t, db, i+1)
	}
	locked, unlock := make(chan struct{}), make(chan struct{})
	unlocked := make(chan error, 1)
	go func() {
		unlocked <- other.Write(background, func(*Tx) error {
			close(locked)
			<-unlock
			return nil
		})
	}()
	<-locked
	release()
	wg.Wait()
	for i, err := range errs {
		if !errors.Is(err, storage.ErrBusy) {
			t.Errorf("write %d: %v", i, err)
		}
	}
	close(unlock)
	if err := <-unlocked; err != nil {
		t.Error(err)
	}
	if err := db.Write(background, insert(1)); err != nil {
		t.Errorf("once the other had gone: %v", err)
	}
}
