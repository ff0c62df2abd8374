package sqlite

import (
	"context"
	"database/sql"

	"github.com/innkeeper-host/innkeeper/storage"
)

// LoadSettings implements storage.Settings.
func (s *Store) LoadSettings(ctx context.Context, id storage.Identity) (map[string]storage.Setting, error) {
	owner, err := s.knownOwner(ctx, id)
	settings := map[string]storage.Setting{}
	if err == nil && owner != 0 {
		err = s.db.read(ctx, func(tx *Tx) error { return loadSettings(tx, owner, settings) })
	}
	if err != nil {
		return nil, attempt("load settings", id, err)
	}
	return settings, nil
}

func loadSettings(tx *Tx, owner int64, into map[string]storage.Setting) error {
	rows, err := tx.Query("SELECT field, secret, type, value FROM setting WHERE owner = ?1", owner)
	if err != nil {
		return err
	}
	return eachRow(rows, func(rows *sql.Rows) error {
		var (
			field []byte
			v     storage.Setting
		)
		if err := rows.Scan(&field, &v.Secret, &v.Type, &v.Value); err != nil {
			return err
		}
		into[string(field)] = v
		return nil
	})
}

// SaveSettings implements storage.Settings.
func (s *Store) SaveSettings(ctx context.Context, id storage.Identity, changes map[string]*storage.Setting) error {
	for field, v := range changes {
		if err := checkSetting(id, field, v); err != nil {
			return attempt("save settings", id, err)
		}
	}
	owner, err := s.owner(ctx, id)
	if err != nil {
		return attempt("save settings", id, err)
	}
	var refusal error
	err = s.write(ctx, "save settings", id, func(tx *Tx) error {
		stored := map[string]storage.Setting{}
		if err := loadSettings(tx, owner, stored); err != nil {
			return err
		}
		have := len(stored)
		for field, v := range changes {
			if v == nil {
				delete(stored, field)
			} else {
				stored[field] = *v
			}
		}
		if len(stored) > storage.MaxSettings && len(stored) > have {
			refusal = &storage.QuotaError{Identity: id, Limit: storage.LimitSettings,
				Have: int64(have), Want: int64(len(stored)), Max: storage.MaxSettings}
			return nil
		}
		refusal = nil
		for field, v := range changes {
			if err := putSetting(tx, owner, field, v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return attempt("save settings", id, refusal)
}

func checkSetting(id storage.Identity, field string, v *storage.Setting) error {
	if err := checkName(id, field); err != nil || v == nil {
		return err
	}
	if err := checkName(id, v.Type); err != nil {
		return err
	}
	return checkSize(id, field, storage.LimitValueBytes, len(v.Value), storage.MaxSettingBytes)
}

func checkName(id storage.Identity, name string) error {
	return checkSize(id, name, storage.LimitNameBytes, len(name), storage.MaxNameBytes)
}

func checkSize(id storage.Identity, key string, limit storage.Limit, have, most int) error {
	if have <= most {
		return nil
	}
	return &storage.QuotaError{Identity: id, Key: key, Limit: limit, Want: int64(have), Max: int64(most)}
}

func putSetting(tx *Tx, owner int64, field string, v *storage.Setting) error {
	if v == nil {
		_, err := tx.Exec("DELETE FROM setting WHERE owner = ?1 AND field = ?2", owner, []byte(field))
		return err
	}
	_, err := tx.Exec(`INSERT INTO setting (owner, field, secret, type, value) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT DO UPDATE SET secret = excluded.secret, type = excluded.type, value = excluded.value`,
		owner, []byte(field), v.Secret, v.Type, notNull(v.Value))
	return err
}

// notNull keeps an empty value from being stored as NULL.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
