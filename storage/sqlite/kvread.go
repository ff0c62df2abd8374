package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/innkeeper-host/innkeeper/storage"
)

// visible is the condition under which a key is there at the time ?2.
const visible = "(expires IS NULL OR expires > ?2)"

// Get implements storage.KV.
func (s *Store) Get(ctx context.Context, id storage.Identity, keys ...string) ([]*storage.Value, error) {
	values := make([]*storage.Value, len(keys))
	owner, err := s.knownOwner(ctx, id)
	if err != nil || owner == 0 || len(keys) == 0 {
		return values, attempt("read storage", id, err)
	}
	read := s.db.Read
	if len(keys) == 1 {
		read = s.db.read
	}
	now := s.now()
	err = read(ctx, func(tx *Tx) error {
		for i, key := range keys {
			v, err := getValue(tx, owner, now, key)
			if err != nil {
				return err
			}
			values[i] = v
		}
		return nil
	})
	if err != nil {
		return nil, attempt("read storage", id, err)
	}
	return values, nil
}

// getValue is nil for a missing key.
func getValue(tx *Tx, owner, now int64, key string) (*storage.Value, error) {
	var v storage.Value
	err := tx.QueryRow("SELECT version, raw, value FROM kv WHERE owner = ?1 AND key = ?3 AND "+visible,
		owner, now, []byte(key)).Scan(&v.Version, &v.Bytes, &v.Data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// Keys implements storage.KV.
func (s *Store) Keys(ctx context.Context, id storage.Identity, r storage.Range) ([]string, error) {
	keys := []string{}
	err := s.scan(ctx, id, r, "key", func(rows *sql.Rows) error {
		var key sql.RawBytes
		if err := rows.Scan(&key); err != nil {
			return err
		}
		keys = append(keys, string(key))
		return nil
	})
	if err != nil {
		return nil, attempt("list keys", id, err)
	}
	return keys, nil
}

// Entries implements storage.KV.
func (s *Store) Entries(ctx context.Context, id storage.Identity, r storage.Range) ([]storage.Entry, error) {
	entries := []storage.Entry{}
	err := s.scan(ctx, id, r, "key, version, raw, value", func(rows *sql.Rows) error {
		var (
			key sql.RawBytes
			v   storage.Value
		)
		if err := rows.Scan(&key, &v.Version, &v.Bytes, &v.Data); err != nil {
			return err
		}
		entries = append(entries, storage.Entry{Key: string(key), Value: v})
		return nil
	})
	if err != nil {
		return nil, attempt("list entries", id, err)
	}
	return entries, nil
}

func (s *Store) scan(ctx context.Context, id storage.Identity, r storage.Range, columns string, each func(*sql.Rows) error) error {
	owner, err := s.knownOwner(ctx, id)
	if err != nil || owner == 0 {
		return err
	}
	from, to := bounds(r.Prefix)
	if r.After >= r.Prefix {
		// The least text behind After.
		from = append([]byte(r.After), 0)
	}
	if r.After == "" {
		from = []byte(r.Prefix)
	}
	limit := r.Limit
	if limit <= 0 {
		limit = -1
	}
	return s.db.read(ctx, func(tx *Tx) error {
		rows, err := tx.Query("SELECT "+columns+" FROM kv WHERE owner = ?1 AND key >= ?3 AND key < ?4 AND "+visible+
			" ORDER BY key LIMIT ?5", owner, s.now(), from, to, limit)
		if err != nil {
			return err
		}
		return eachRow(rows, each)
	})
}

func eachRow(rows *sql.Rows, each func(*sql.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// bounds are the least key with the prefix and the least beyond all of them.
// Keys are UTF-8, in which the byte FF does not occur.
func bounds(prefix string) (from, to []byte) {
	return []byte(prefix), []byte(prefix + "\xff")
}

// Usage implements storage.KV.
func (s *Store) Usage(ctx context.Context, id storage.Identity) (storage.Usage, error) {
	u := storage.Usage{LimitBytes: s.limits(id).TotalBytes}
	owner, err := s.knownOwner(ctx, id)
	if err == nil && owner != 0 {
		err = s.db.read(ctx, func(tx *Tx) (err error) {
			u.Bytes, u.Keys, err = usage(tx, owner)
			return err
		})
	}
	return u, attempt("read storage usage", id, err)
}

func usage(tx *Tx, owner int64) (bytes, keys int64, err error) {
	err = tx.QueryRow("SELECT bytes, keys FROM identity WHERE id = ?1", owner).Scan(&bytes, &keys)
	return bytes, keys, err
}
