package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/innkeeper-host/innkeeper/storage"
)

// Write implements storage.KV.
func (s *Store) Write(ctx context.Context, id storage.Identity, ops ...storage.Op) ([]storage.Result, error) {
	owner, err := s.owner(ctx, id)
	if err != nil {
		return nil, attempt("write storage", id, err)
	}
	results := make([]storage.Result, len(ops))
	b := &batch{store: s, id: id, owner: owner}
	err = s.db.write(ctx, &job{
		single: len(ops) == 1 && isStatement(ops[0]),
		bytes:  sizeOf(ops),
		fn: func(tx *Tx) error {
			b.tx, b.limits, b.now = tx, s.limits(id), s.now()
			for i, op := range ops {
				r, err := b.apply(op)
				if err != nil {
					return err
				}
				results[i] = r
			}
			return nil
		},
	})
	if err != nil {
		return nil, attempt("write storage", id, err)
	}
	return results, nil
}

// isStatement says whether the op is one SQL statement (job.single).
func isStatement(op storage.Op) bool {
	switch op := op.(type) {
	case storage.Set:
		return len(op.Entries) == 1
	case storage.Delete:
		return len(op.Keys) == 1
	}
	return false
}

func sizeOf(ops []storage.Op) int {
	n := len(ops)
	for _, op := range ops {
		switch op := op.(type) {
		case storage.Set:
			for _, e := range op.Entries {
				n += len(e.Key) + len(e.Value.Data)
			}
		case storage.CompareAndSet:
			if op.Value != nil {
				n += len(op.Value.Data)
			}
		}
	}
	return n
}

// batch is one Write while it runs.
type batch struct {
	store  *Store
	id     storage.Identity
	owner  int64
	tx     *Tx
	limits storage.Limits
	now    int64
}

// apply returns a refusal in the Result and as an error only what ends the
// transaction.
func (b *batch) apply(op storage.Op) (storage.Result, error) {
	var (
		r   storage.Result
		err error
	)
	switch op := op.(type) {
	case storage.Set:
		err = b.set(op)
	case storage.Delete:
		r.Removed, err = b.delete(op.Keys)
	case storage.Clear:
		r.Removed, err = b.clear(op.Prefix)
	case storage.Increment:
		r.Number, err = b.increment(op)
	case storage.CompareAndSet:
		err = b.compareAndSet(op)
	default:
		err = fmt.Errorf("this engine does not know the change %T", op)
	}
	if isRefusal(err) {
		return storage.Result{Err: err}, nil
	}
	return r, err
}

func isRefusal(err error) bool {
	var (
		quota  *storage.QuotaError
		key    *storage.KeyError
		number *storage.NumberError
	)
	return errors.Is(err, storage.ErrConflict) || errors.As(err, &quota) || errors.As(err, &key) || errors.As(err, &number)
}

func (b *batch) set(op storage.Set) error {
	for _, e := range op.Entries {
		if err := b.limits.CheckEntry(b.id, e); err != nil {
			return err
		}
	}
	expires := b.expiry(op.TTL)
	switch len(op.Entries) {
	case 0:
		return nil
	case 1:
		return b.put(op.Entries[0], expires)
	}
	return b.putAll(op.Entries, expires)
}

// expiry is the column for a time to live.
func (b *batch) expiry(ttl time.Duration) any {
	if ttl <= 0 {
		return nil
	}
	ms := int64((ttl + time.Millisecond - 1) / time.Millisecond)
	if ttl > math.MaxInt64-time.Millisecond {
		ms = int64(ttl / time.Millisecond)
	}
	return b.now + ms
}

// putSQL stores a key if the quota allows: else version is NULL, which the
// column refuses and OR IGNORE turns into no row changed. ?6 is the size of
// the key and value. The first line of the condition is the usual case and
// needs no look at the old value; one that does not grow is always allowed,
// also past a limit that was lowered.
const putSQL = `INSERT OR IGNORE INTO kv (owner, key, version, expires, raw, value) VALUES (?1, ?2,
	(SELECT version + 1 FROM identity WHERE id = ?1 AND (
		bytes + ?6 <= ?7 AND keys < ?8
		OR EXISTS (SELECT 1 FROM kv WHERE owner = ?1 AND key = ?2 AND (
			identity.bytes + ?6 - length(key) - length(value) <= ?7 OR ?6 <= length(key) + length(value))))),
	?3, ?4, ?5)
	ON CONFLICT (owner, key) DO UPDATE SET version = excluded.version, expires = excluded.expires,
		raw = excluded.raw, value = excluded.value`

// put stores one key or says with a *storage.QuotaError why not.
func (b *batch) put(e storage.Entry, expires any) error {
	done, err := b.tryPut(e, expires, b.limits)
	if done || err != nil {
		return err
	}
	// What has expired must not be in the way.
	swept, err := sweepOwner(b.tx, b.owner, b.now)
	if err != nil {
		return err
	}
	if swept > 0 {
		if done, err = b.tryPut(e, expires, b.limits); done || err != nil {
			return err
		}
	}
	bytes, keys, err := usage(b.tx, b.owner)
	if err != nil {
		return err
	}
	old, exists, err := b.oldSize(e.Key)
	if err != nil {
		return err
	}
	grown := int64(len(e.Key)+len(e.Value.Data)) - old
	if bytes+grown > b.limits.TotalBytes || exists {
		return &storage.QuotaError{Identity: b.id, Key: e.Key, Limit: storage.LimitTotalBytes,
			Have: bytes, Want: bytes + grown, Max: b.limits.TotalBytes}
	}
	return &storage.QuotaError{Identity: b.id, Key: e.Key, Limit: storage.LimitKeys,
		Have: keys, Want: keys + 1, Max: b.limits.Keys}
}

func (b *batch) tryPut(e storage.Entry, expires any, l storage.Limits) (bool, error) {
	data := e.Value.Data
	if data == nil {
		data = []byte{} // nil would be NULL
	}
	n, err := b.tx.Exec(putSQL, b.owner, []byte(e.Key), expires, e.Value.Bytes, data,
		len(e.Key)+len(data), l.TotalBytes, l.Keys)
	return n == 1, err
}

func (b *batch) oldSize(key string) (size int64, exists bool, err error) {
	var found *int64
	err = b.tx.QueryRow("SELECT max(length(key) + length(value)) FROM kv WHERE owner = ?1 AND key = ?2",
		b.owner, []byte(key)).Scan(&found)
	if err != nil || found == nil {
		return 0, false, err
	}
	return *found, true, nil
}

// putAll stores all entries or none. Only the outcome is held against the
// limits, so the order of the entries does not matter.
func (b *batch) putAll(entries []storage.Entry, expires any) error {
	const unlimited = math.MaxInt64 / 2
	if _, err := b.tx.Exec("SAVEPOINT entries"); err != nil {
		return err
	}
	swept := false
	for {
		bytesBefore, keysBefore, err := usage(b.tx, b.owner)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if _, err := b.tryPut(e, expires, storage.Limits{TotalBytes: unlimited, Keys: unlimited}); err != nil {
				return err
			}
		}
		bytes, keys, err := usage(b.tx, b.owner)
		if err != nil {
			return err
		}
		var refusal error
		switch {
		case bytes > b.limits.TotalBytes && bytes > bytesBefore:
			refusal = &storage.QuotaError{Identity: b.id, Limit: storage.LimitTotalBytes,
				Have: bytesBefore, Want: bytes, Max: b.limits.TotalBytes}
		case keys > b.limits.Keys && keys > keysBefore:
			refusal = &storage.QuotaError{Identity: b.id, Limit: storage.LimitKeys,
				Have: keysBefore, Want: keys, Max: b.limits.Keys}
		}
		if refusal != nil {
			if _, err := b.tx.Exec("ROLLBACK TO entries"); err != nil {
				return err
			}
			if !swept {
				swept = true
				n, err := sweepOwner(b.tx, b.owner, b.now)
				if err != nil {
					return err
				}
				if n > 0 {
					continue
				}
			}
		}
		if _, err := b.tx.Exec("RELEASE entries"); err != nil {
			return err
		}
		return refusal
	}
}

func (b *batch) delete(keys []string) (removed int64, err error) {
	for _, key := range keys {
		// An expired one is left to the sweeper: it was not there.
		n, err := b.tx.Exec("DELETE FROM kv WHERE owner = ?1 AND key = ?3 AND "+visible, b.owner, b.now, []byte(key))
		if err != nil {
			return 0, err
		}
		removed += n
	}
	return removed, nil
}

func (b *batch) clear(prefix string) (removed int64, err error) {
	from, to := bounds(prefix)
	err = b.tx.QueryRow("SELECT count(*) FROM kv WHERE owner = ?1 AND key >= ?3 AND key < ?4 AND "+visible,
		b.owner, b.now, from, to).Scan(&removed)
	if err != nil {
		return 0, err
	}
	_, err = b.tx.Exec("DELETE FROM kv WHERE owner = ?1 AND key >= ?2 AND key < ?3", b.owner, from, to)
	return removed, err
}

func (b *batch) increment(op storage.Increment) (float64, error) {
	if err := b.limits.CheckKey(op.Key); err != nil {
		return 0, err
	}
	var (
		number  float64
		expires any // its column, as it is
		raw     bool
		old     []byte
	)
	err := b.tx.QueryRow("SELECT expires, raw, value FROM kv WHERE owner = ?1 AND key = ?3 AND "+visible,
		b.owner, b.now, []byte(op.Key)).Scan(&expires, &raw, &old)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return 0, err
	case raw || json.Unmarshal(old, &number) != nil || string(old) == "null":
		return 0, &storage.NumberError{Key: op.Key, Reason: "its value is not a number"}
	}
	number += op.By
	text, err := json.Marshal(number)
	if err != nil {
		return 0, &storage.NumberError{Key: op.Key, Reason: "the sum is not a finite number"}
	}
	return number, b.put(storage.Entry{Key: op.Key, Value: storage.Value{Data: text}}, expires)
}

func (b *batch) compareAndSet(op storage.CompareAndSet) error {
	if err := b.limits.CheckKey(op.Key); err != nil {
		return err
	}
	var version int64
	err := b.tx.QueryRow("SELECT coalesce(max(version), 0) FROM kv WHERE owner = ?1 AND key = ?3 AND "+visible,
		b.owner, b.now, []byte(op.Key)).Scan(&version)
	switch {
	case err != nil:
		return err
	case version != op.Version:
		return storage.ErrConflict
	case op.Value == nil:
		_, err := b.delete([]string{op.Key})
		return err
	}
	return b.set(storage.Set{Entries: []storage.Entry{{Key: op.Key, Value: *op.Value}}, TTL: op.TTL})
}
