package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/innkeeper-host/innkeeper/internal/clock"
	"github.com/innkeeper-host/innkeeper/storage"
)

// Options of OpenStore; the zero value is right for a program.
type Options struct {
	// Clock decides what is expired; nil means the machine's.
	Clock clock.Clock
	// Limits gives the limits of an identity, asked anew for each write; nil
	// means storage.DefaultLimits. It is called while others wait to write
	// and must be quick and not use the store.
	Limits func(id storage.Identity) storage.Limits
	// SweepEvery is how often expired keys are removed; 0 means a minute.
	SweepEvery time.Duration
}

// Store is storage.Store in one SQLite file.
type Store struct {
	db      *DB
	clock   clock.Clock
	limits  func(storage.Identity) storage.Limits
	owners  sync.Map // storage.Identity to its row's int64
	sweeper sweeper
}

var _ storage.Store = (*Store)(nil)

// OpenStore opens the store in the database file at path, which it creates if
// there is none. Its errors are those of Open.
func OpenStore(path string, o Options) (*Store, error) {
	db, err := Open(path, storeMigrations)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, clock: o.Clock}
	if s.clock == nil {
		s.clock = clock.System
	}
	s.limits = func(id storage.Identity) storage.Limits {
		if o.Limits == nil {
			return storage.DefaultLimits
		}
		return o.Limits(id).WithDefaults()
	}
	s.startSweeping(o.SweepEvery)
	return s, nil
}

// Close finishes the writes that have been asked for and closes the file.
func (s *Store) Close() error {
	s.stopSweeping()
	return s.db.Close()
}

// write adds what was attempted to the error.
func (s *Store) write(ctx context.Context, what string, id storage.Identity, fn func(tx *Tx) error) error {
	return attempt(what, id, s.db.Write(ctx, fn))
}

func attempt(what string, id storage.Identity, err error) error {
	if err == nil {
		return nil
	}
	if id == "" {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s of %s: %w", what, id, err)
}

// owner is the row number of id, made if need be. Rows of identities are never
// removed, so that a number may be remembered and versions never run
// backwards; Drop leaves the row with nothing in it.
func (s *Store) owner(ctx context.Context, id storage.Identity) (int64, error) {
	n, err := s.knownOwner(ctx, id)
	if err != nil || n != 0 {
		return n, err
	}
	if id == "" {
		return 0, errors.New("the identity is empty")
	}
	// In a transaction of its own: a number must not be remembered before it
	// is on the disk.
	err = s.db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec("INSERT OR IGNORE INTO identity (name) VALUES (?1)", string(id))
		return err
	})
	if err != nil {
		return 0, err
	}
	return s.knownOwner(ctx, id)
}

// knownOwner is 0 for an identity that has never stored anything.
func (s *Store) knownOwner(ctx context.Context, id storage.Identity) (int64, error) {
	if n, ok := s.owners.Load(id); ok {
		return n.(int64), nil
	}
	var n int64
	err := s.db.read(ctx, func(tx *Tx) error {
		return tx.QueryRow("SELECT id FROM identity WHERE name = ?1", string(id)).Scan(&n)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	s.owners.Store(id, n)
	return n, nil
}

func (s *Store) now() int64 { return s.clock.Now().UnixMilli() }

// millis is how times are kept: 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
