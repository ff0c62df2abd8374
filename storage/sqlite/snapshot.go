package sqlite

import (
	"context"
	"database/sql"
	"io"
	"math"

	"github.com/innkeeper-host/innkeeper/storage"
)

// Snapshot implements storage.Snapshots. The data is read into memory first: a
// slow w must not hold the database at one moment, or its log could not be
// cut.
func (s *Store) Snapshot(ctx context.Context, id storage.Identity, w io.Writer) error {
	owner, err := s.knownOwner(ctx, id)
	if err != nil {
		return attempt("take snapshot", id, err)
	}
	data := &storage.SnapshotData{Identity: id, Taken: s.clock.Now(), Settings: map[string]storage.Setting{}}
	if owner != 0 {
		err = s.db.Read(ctx, func(tx *Tx) (err error) {
			if data.Entries, err = snapshotEntries(tx, owner, s.now()); err != nil {
				return err
			}
			if err = loadSettings(tx, owner, data.Settings); err != nil {
				return err
			}
			data.Jobs, err = scanJobs(tx, jobsOfOwner, owner)
			return err
		})
	}
	if err != nil {
		return attempt("take snapshot", id, err)
	}
	return attempt("write snapshot", id, storage.WriteSnapshot(w, data))
}

func snapshotEntries(tx *Tx, owner, now int64) ([]storage.SnapshotEntry, error) {
	rows, err := tx.Query("SELECT key, coalesce(expires, 0), raw, value FROM kv WHERE owner = ?1 AND "+visible+
		" ORDER BY key", owner, now)
	if err != nil {
		return nil, err
	}
	var entries []storage.SnapshotEntry
	err = eachRow(rows, func(rows *sql.Rows) error {
		var (
			e       storage.SnapshotEntry
			key     sql.RawBytes
			expires int64
		)
		if err := rows.Scan(&key, &expires, &e.Value.Bytes, &e.Value.Data); err != nil {
			return err
		}
		e.Key, e.Expires = string(key), fromMillis(expires)
		entries = append(entries, e)
		return nil
	})
	return entries, err
}

// Restore implements storage.Snapshots.
func (s *Store) Restore(ctx context.Context, id storage.Identity, r io.Reader) error {
	data, err := storage.ReadSnapshot(r, id, s.limits(id))
	if err != nil {
		return attempt("restore", id, err)
	}
	owner, err := s.owner(ctx, id)
	if err != nil {
		return attempt("restore", id, err)
	}
	return s.write(ctx, "restore", id, func(tx *Tx) error {
		if err := dropOwner(tx, owner); err != nil {
			return err
		}
		b := &batch{store: s, id: id, owner: owner, tx: tx, now: s.now(),
			limits: storage.Limits{TotalBytes: math.MaxInt64 / 2, Keys: math.MaxInt64 / 2}}
		for _, e := range data.Entries {
			var expires any
			if !e.Expires.IsZero() {
				if expires = e.Expires.UnixMilli(); e.Expires.UnixMilli() <= b.now {
					continue
				}
			}
			if err := b.put(e.Entry, expires); err != nil {
				return err
			}
		}
		for field, v := range data.Settings {
			if err := putSetting(tx, owner, field, &v); err != nil {
				return err
			}
		}
		for _, job := range data.Jobs {
			if err := putJob(tx, owner, job); err != nil {
				return err
			}
		}
		return nil
	})
}

// Drop implements storage.Snapshots.
func (s *Store) Drop(ctx context.Context, id storage.Identity) error {
	owner, err := s.knownOwner(ctx, id)
	if err != nil || owner == 0 {
		return attempt("drop the data", id, err)
	}
	return s.write(ctx, "drop the data", id, func(tx *Tx) error {
		if err := dropOwner(tx, owner); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM contribution WHERE owner = ?1", owner)
		return err
	})
}

// dropOwner removes what a snapshot holds.
func dropOwner(tx *Tx, owner int64) error {
	for _, query := range []string{
		"DELETE FROM kv WHERE owner = ?1",
		"DELETE FROM setting WHERE owner = ?1",
		"DELETE FROM job WHERE owner = ?1",
	} {
		if _, err := tx.Exec(query, owner); err != nil {
			return err
		}
	}
	return nil
}
