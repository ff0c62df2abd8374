package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/innkeeper-host/innkeeper/storage"
)

// A group ends at either bound, so that no caller waits for more than this to
// be written beside its own. A group never waits for company.
const (
	queueLength   = 256
	maxGroupJobs  = 128
	maxGroupBytes = 4 << 20
)

// The log is read by every reader, so it must not grow for ever. SQLite copies
// it into the file as it goes, but starts it anew only when no reader is in
// it; past walBound the writer waits for that, at most checkpointWaitMS.
const (
	walBound         = 16 << 20
	walCheckEvery    = 64 // commits
	checkpointWaitMS = 250
)

// job is one caller's function on its way through the queue.
type job struct {
	fn    func(tx *Tx) error
	bytes int // about how much it writes
	// single promises that fn is right without a transaction around it: its
	// one statement is a transaction by itself, which saves two statements.
	single bool
	state  atomic.Int32
	ended  chan error
}

const (
	jobQueued int32 = iota
	jobRunning
	jobAbandoned
)

// writer owns the writing connection, which is used only by whose turn it is:
// a caller that finds nobody writing, or the writer's goroutine.
type writer struct {
	db *DB

	turn    sync.Mutex
	crowded atomic.Bool // the last group was of several: queue up, to be many again
	tx      *Tx
	commits int   // since the log's size was last looked at
	bound   int64 // walBound
	cutAt   int64 // size of the log at which to cut it
}

func (w *writer) run() {
	defer close(w.db.done)
	var group []*job
	for j := range w.db.queue {
		// After a shared commit its callers are about to ask again: letting
		// them run first makes the next group whole and costs a lone caller
		// nothing.
		if len(group) > 1 {
			runtime.Gosched()
		}
		clear(group)
		group = w.serve(append(group[:0], j))
	}
}

// serve commits a group with what has come into the queue until its turn.
func (w *writer) serve(group []*job) []*job {
	w.turn.Lock()
	defer w.turn.Unlock()
	group = w.fill(group)
	w.commit(group)
	return group
}

// fill takes what is in the queue already, up to the bounds.
func (w *writer) fill(group []*job) []*job {
	bytes := group[0].bytes
	for len(group) < maxGroupJobs && bytes < maxGroupBytes {
		select {
		case j, open := <-w.db.queue:
			if !open {
				return group
			}
			group = append(group, j)
			bytes += j.bytes
		default:
			return group
		}
	}
	return group
}

func (w *writer) commit(group []*job) {
	live := make([]*job, 0, len(group))
	for _, j := range group {
		if j.state.CompareAndSwap(jobQueued, jobRunning) {
			live = append(live, j)
		}
	}
	w.crowded.Store(len(live) > 1)
	if len(live) > 1 {
		err := w.transact(live...)
		// Another process that holds the lock will not let each of them in
		// either, and to wait for it each time would take minutes.
		if err == nil || kindOf(err) == storage.ErrBusy {
			w.cutLog()
			for _, j := range live {
				j.ended <- err
			}
			return
		}
	}
	// One, or one of them failed: each alone, so that it fails alone. This
	// needs no savepoint where all is well.
	for _, j := range live {
		j.ended <- w.alone(j)
	}
}

func (w *writer) alone(j *job) (err error) {
	if j.single {
		err = w.call(j)
	} else {
		err = w.transact(j)
	}
	w.cutLog()
	return err
}

func (w *writer) transact(jobs ...*job) error {
	// IMMEDIATE: a transaction that began as a reader could not become a
	// writer once another process had written.
	if _, err := w.tx.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, j := range jobs {
		if err := w.call(j); err != nil {
			return w.rollback(err)
		}
	}
	if _, err := w.tx.Exec("COMMIT"); err != nil {
		return w.rollback(err)
	}
	return nil
}

func (w *writer) rollback(cause error) error {
	// SQLite has rolled back by itself after some errors, a full disk among
	// them, and then there is nothing to roll back.
	_, _ = w.tx.Exec("ROLLBACK")
	return cause
}

// call keeps a panic in one caller's function from ending everyone's writer.
func (w *writer) call(j *job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("write to database %s: panic: %v\n%s", w.db.path, p, debug.Stack())
		}
	}()
	return j.fn(w.tx)
}

func (w *writer) cutLog() {
	if w.commits++; w.commits < walCheckEvery {
		return
	}
	w.commits = 0
	info, err := os.Stat(w.db.path + "-wal")
	if err != nil || info.Size() < w.cutAt {
		return
	}
	if err := w.checkpoint(); err != nil {
		// Some reader is still in it. Not again until it has grown as much
		// once more, or every group would wait.
		w.cutAt = info.Size() + w.bound
		return
	}
	w.cutAt = w.bound
}

var errCheckpointBusy = errors.New("the log is in use")

func (w *writer) checkpoint() (err error) {
	if _, err := w.tx.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA busy_timeout=%d", checkpointWaitMS)); err != nil {
		return err
	}
	defer func() {
		_, restored := w.tx.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA busy_timeout=%d", busyTimeout.Milliseconds()))
		err = errors.Join(err, restored)
	}()
	var busy, pages, moved int64
	if err := w.tx.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errCheckpointBusy
	}
	return nil
}
