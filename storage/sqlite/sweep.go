package sqlite

import (
	"context"
	"sync"
	"time"

	"github.com/innkeeper-host/innkeeper/internal/clock"
)

// sweepStep is how many keys are removed in one transaction, so that nobody
// waits long behind a sweep.
const sweepStep = 256

// sweeper removes expired keys from time to time. They are invisible before;
// this gives back their room.
type sweeper struct {
	mu      sync.Mutex // held while a sweep runs
	timer   clock.Timer
	every   time.Duration
	stopped bool
}

func (s *Store) startSweeping(every time.Duration) {
	if every <= 0 {
		every = time.Minute
	}
	s.sweeper.mu.Lock()
	defer s.sweeper.mu.Unlock()
	s.sweeper.every = every
	s.sweeper.timer = s.clock.AfterFunc(every, s.sweepOnTime)
}

func (s *Store) stopSweeping() {
	s.sweeper.mu.Lock()
	defer s.sweeper.mu.Unlock()
	s.sweeper.stopped = true
	s.sweeper.timer.Stop()
}

func (s *Store) sweepOnTime() {
	s.sweeper.mu.Lock()
	defer s.sweeper.mu.Unlock()
	if s.sweeper.stopped {
		return
	}
	// An error here (a full disk, say) is met again by whoever writes next,
	// and the next sweep tries again.
	_ = s.sweep()
	s.sweeper.timer.Reset(s.sweeper.every)
}

// sweep removes all that has expired, a step at a time.
func (s *Store) sweep() error {
	for {
		var n int64
		err := s.db.Write(context.Background(), func(tx *Tx) (err error) {
			n, err = tx.Exec(`DELETE FROM kv WHERE (owner, key) IN
				(SELECT owner, key FROM kv WHERE expires <= ?1 LIMIT ?2)`, s.now(), sweepStep)
			return err
		})
		if err != nil || n < sweepStep {
			return err
		}
	}
}

// sweepOwner removes what has expired of one owner, inside a write that needs
// the room now.
func sweepOwner(tx *Tx, owner, now int64) (int64, error) {
	return tx.Exec("DELETE FROM kv WHERE owner = ?1 AND expires <= ?2", owner, now)
}
