package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/innkeeper-host/innkeeper/storage"
)

// PutPlugin implements storage.Plugins.
func (s *Store) PutPlugin(ctx context.Context, p storage.Plugin) error {
	id := p.Identity()
	if p.Name == "" || p.Origin == "" || strings.Contains(p.Origin, "/") {
		return fmt.Errorf("store plugin %q from %q: both must be given and an origin has no slash", p.Name, p.Origin)
	}
	var other string // the origin of the one in the way
	err := s.write(ctx, "store the wanted state", id, func(tx *Tx) error {
		other = ""
		n, err := tx.Exec(`INSERT INTO plugin (name, origin, version, digest, package, enabled, grants,
				installed_at, updated_at, quarantine) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
			ON CONFLICT (name) DO UPDATE SET version = excluded.version, digest = excluded.digest,
				package = excluded.package, enabled = excluded.enabled, grants = excluded.grants,
				installed_at = excluded.installed_at, updated_at = excluded.updated_at,
				quarantine = excluded.quarantine
			WHERE plugin.origin = excluded.origin`,
			p.Name, p.Origin, p.Version, p.Digest, p.Package, p.Enabled, p.Grants,
			millis(p.InstalledAt), millis(p.UpdatedAt), p.Quarantine)
		if err != nil || n == 1 {
			return err
		}
		return tx.QueryRow("SELECT origin FROM plugin WHERE name = ?1", p.Name).Scan(&other)
	})
	if err == nil && other != "" {
		return &storage.OriginError{Name: p.Name, Have: other, Want: p.Origin}
	}
	return err
}

const selectPlugin = `SELECT name, origin, version, digest, package, enabled, grants,
	installed_at, updated_at, quarantine FROM plugin `

func scanPlugin(scan func(...any) error) (p storage.Plugin, err error) {
	var installed, updated int64
	err = scan(&p.Name, &p.Origin, &p.Version, &p.Digest, &p.Package, &p.Enabled, &p.Grants,
		&installed, &updated, &p.Quarantine)
	p.InstalledAt, p.UpdatedAt = fromMillis(installed), fromMillis(updated)
	return p, err
}

// GetPlugin implements storage.Plugins.
func (s *Store) GetPlugin(ctx context.Context, id storage.Identity) (p storage.Plugin, err error) {
	origin, name, _ := strings.Cut(string(id), "/")
	err = s.db.read(ctx, func(tx *Tx) (err error) {
		p, err = scanPlugin(tx.QueryRow(selectPlugin+"WHERE name = ?1 AND origin = ?2", name, origin).Scan)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = storage.ErrNotFound
	}
	return p, attempt("read the wanted state", id, err)
}

// ListPlugins implements storage.Plugins.
func (s *Store) ListPlugins(ctx context.Context) ([]storage.Plugin, error) {
	plugins := []storage.Plugin{}
	err := s.db.read(ctx, func(tx *Tx) error {
		rows, err := tx.Query(selectPlugin + "ORDER BY name")
		if err != nil {
			return err
		}
		return eachRow(rows, func(rows *sql.Rows) error {
			p, err := scanPlugin(rows.Scan)
			plugins = append(plugins, p)
			return err
		})
	})
	if err != nil {
		return nil, attempt("list plugins", "", err)
	}
	return plugins, nil
}

// RemovePlugin implements storage.Plugins.
func (s *Store) RemovePlugin(ctx context.Context, id storage.Identity) error {
	origin, name, _ := strings.Cut(string(id), "/")
	return s.write(ctx, "remove the wanted state", id, func(tx *Tx) error {
		_, err := tx.Exec("DELETE FROM plugin WHERE name = ?1 AND origin = ?2", name, origin)
		return err
	})
}
