// Package sqlite is the engine that ships: package storage's Store in one
// SQLite file, and Open, which serves any other owner of tables.
//
// Vocabulary:
//
//   - DB: one database file, open: one connection that writes, a few that
//     read. Several processes may have the same file open.
//   - Migration: one step of a schema. PRAGMA user_version counts those done.
//   - Tx: what a function gets to read or write with; it caches prepared
//     statements by their text.
//   - writer: owns the writing connection. A caller that finds nobody writing
//     takes a turn with it; those who meet queue up, and the writer's
//     goroutine commits what they want in one transaction (a group).
//   - Store: storage.Store over a DB. An owner is an identity's row number.
//
// It must never know what plugins are or do, nor of permissions; and no type
// of the driver leaves it.
//
// Durability: WAL with synchronous=FULL, so a write that was answered is on
// the disk. A process that is killed leaves a log which the next to open the
// file reads.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/innkeeper-host/innkeeper/storage"
)

// DB is an open database file. Its methods may be called from any goroutine.
type DB struct {
	path string

	writing *sql.DB // holds the one writing connection
	reading *sql.DB
	readers chan *Tx // idle readers; a nil one has not been opened yet

	mu     sync.RWMutex // held for reading while a job is put into the queue
	closed bool
	queue  chan *job
	writer *writer
	done   chan struct{} // closed when the writer's goroutine has ended
}

// busyTimeout is how long a connection waits for another process.
const busyTimeout = 5 * time.Second

// Open opens the database file at path, which it creates if there is none (its
// folder must exist), and applies the migrations that it lacks, each in a
// transaction of its own. It fails with *storage.SchemaError, the file
// untouched, if the file has more migrations than given, with
// storage.ErrDamaged if it is no database, and with storage.ErrBusy if another
// process holds it for long.
//
// Migrations are only ever added at the end: what was released is never
// changed.
func Open(path string, migrations []Migration) (*DB, error) {
	if path == "" {
		return nil, errors.New("open database: the path is empty")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	db, err := open(abs, migrations)
	if err != nil {
		var schema *storage.SchemaError
		if errors.As(err, &schema) {
			return nil, err
		}
		return nil, fmt.Errorf("open database %s: %w", abs, translate(err))
	}
	return db, nil
}

func open(path string, migrations []Migration) (*DB, error) {
	if err := refuseNewer(path, len(migrations)); err != nil {
		return nil, err
	}
	// Made here and not by SQLite, so that only the owner can read it; the
	// log beside it inherits the mode.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}

	db := &DB{path: path, queue: make(chan *job, queueLength), done: make(chan struct{})}
	if db.writing, err = sql.Open(driverName, dsn(path, writerPragmas)); err != nil {
		return nil, err
	}
	db.writing.SetMaxOpenConns(1)
	tx, err := connect(db.writing)
	if err == nil {
		err = migrate(tx, path, migrations)
	}
	if err != nil {
		return nil, errors.Join(err, db.writing.Close())
	}
	if db.reading, err = sql.Open(driverName, dsn(path, readerPragmas)); err != nil {
		return nil, errors.Join(err, tx.close(), db.writing.Close())
	}
	readers := min(max(2, runtime.GOMAXPROCS(0)), 4)
	db.readers = make(chan *Tx, readers)
	for range readers {
		db.readers <- nil
	}
	db.writer = &writer{db: db, tx: tx, bound: walBound, cutAt: walBound}
	go db.writer.run()
	return db, nil
}

// Path is the absolute path of the file.
func (db *DB) Path() string { return db.path }

// Read runs fn over the database as it is at one moment. fn must not keep tx
// or open rows, and should be quick: while it runs the log can not be cut
// short. An end of ctx ends the wait for a free connection, not fn.
func (db *DB) Read(ctx context.Context, fn func(tx *Tx) error) error {
	return db.read(ctx, func(tx *Tx) (err error) {
		if _, err := tx.Exec("BEGIN"); err != nil {
			return err
		}
		defer func() {
			_, end := tx.Exec("ROLLBACK")
			if err == nil {
				err = end
			}
		}()
		return fn(tx)
	})
}

// read is Read for one statement, which sees one moment without being told.
func (db *DB) read(ctx context.Context, fn func(tx *Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var tx *Tx
	select {
	case tx = <-db.readers:
	default:
		select {
		case tx = <-db.readers:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { db.readers <- tx }()
	if db.isClosed() {
		return storage.ErrClosed
	}
	if tx == nil {
		var err error
		if tx, err = connect(db.reading); err != nil {
			return translate(err)
		}
	}
	return translate(fn(tx))
}

// Write runs fn in a transaction that is committed when Write returns nil.
// Many calls may share one transaction. If fn returns an error or panics, or
// the commit fails, nothing of fn remains and Write says why; what others did
// in the same transaction is unaffected, for which fn may be run a second
// time: it must have no effect but through tx and must set, not add to, what
// it hands out. It runs on the caller's or another goroutine and must not call
// Write.
//
// An end of ctx takes the call out of the queue. Once fn has begun Write waits
// for its end, so that an error means that nothing was written (a disk
// that breaks while it syncs excepted).
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	return db.write(ctx, &job{fn: fn, bytes: 1})
}

func (db *DB) write(ctx context.Context, j *job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if done, err := db.writeAtOnce(j); done {
		return translate(err)
	}
	j.ended = make(chan error, 1)
	if err := db.enqueue(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.ended:
		return translate(err)
	case <-ctx.Done():
		if j.state.CompareAndSwap(jobQueued, jobAbandoned) {
			return ctx.Err()
		}
		return translate(<-j.ended)
	}
}

// writeAtOnce runs the job on the caller's own goroutine if nobody else is
// writing: to wake the writer and be woken would cost as much as the write.
// Where many write it leaves them to the queue, which makes groups of them.
func (db *DB) writeAtOnce(j *job) (done bool, err error) {
	if db.writer.crowded.Load() || len(db.queue) > 0 || !db.writer.turn.TryLock() {
		return false, nil
	}
	defer db.writer.turn.Unlock()
	// Looked at while it is our turn: Close waits for its own turn before it
	// closes the connection.
	if db.isClosed() {
		return true, storage.ErrClosed
	}
	return true, db.writer.alone(j)
}

func (db *DB) isClosed() bool {
	db.mu.RLock()
	defer db.mu.RUnlock()
	return db.closed
}

func (db *DB) enqueue(ctx context.Context, j *job) error {
	db.mu.RLock()
	defer db.mu.RUnlock()
	if db.closed {
		return storage.ErrClosed
	}
	select {
	case db.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close lets the writes finish that are in the queue, waits for readers, and
// closes the file. A second call returns storage.ErrClosed.
func (db *DB) Close() error {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return storage.ErrClosed
	}
	db.closed = true
	close(db.queue)
	db.mu.Unlock()
	<-db.done

	db.writer.turn.Lock() // for ever: nothing is written any more
	errs := []error{db.writer.tx.close()}
	for range cap(db.readers) {
		if tx := <-db.readers; tx != nil {
			errs = append(errs, tx.close())
		}
	}
	for range cap(db.readers) {
		db.readers <- nil // for late readers, who then see that it is closed
	}
	errs = append(errs, db.reading.Close(), db.writing.Close())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close database %s: %w", db.path, translate(err))
	}
	return nil
}
