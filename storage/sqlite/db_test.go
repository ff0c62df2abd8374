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
