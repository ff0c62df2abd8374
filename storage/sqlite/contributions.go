package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/innkeeper-host/innkeeper/storage"
)

// SaveContributions implements storage.Contributions.
func (s *Store) SaveContributions(ctx context.Context, id storage.Identity, data []byte) error {
	const what = "save contributions"
	if err := checkSize(id, "", storage.LimitHostBytes, len(data), storage.MaxContributionBytes); err != nil {
		return attempt(what, id, err)
	}
	owner, err := s.owner(ctx, id)
	if err != nil {
		return attempt(what, id, err)
	}
	return s.write(ctx, what, id, func(tx *Tx) (err error) {
		if data == nil {
			_, err = tx.Exec("DELETE FROM contribution WHERE owner = ?1", owner)
		} else {
			_, err = tx.Exec(`INSERT INTO contribution (owner, data) VALUES (?1, ?2)
				ON CONFLICT DO UPDATE SET data = excluded.data`, owner, data)
		}
		return err
	})
}

// LoadContributions implements storage.Contributions.
func (s *Store) LoadContributions(ctx context.Context, id storage.Identity) (data []byte, err error) {
	owner, err := s.knownOwner(ctx, id)
	if err != nil || owner == 0 {
		return nil, attempt("load contributions", id, err)
	}
	err = s.db.read(ctx, func(tx *Tx) error {
		return tx.QueryRow("SELECT data FROM contribution WHERE owner = ?1", owner).Scan(&data)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return data, attempt("load contributions", id, err)
}
