package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/innkeeper-host/innkeeper/storage"

	_ "modernc.org/sqlite" // registers driverName
)

const driverName = "sqlite"

// Migration is one step of a schema: SQL statements that run in a transaction
// together with the new user_version.
type Migration struct {
	Name string // shown in errors
	SQL  string
}

var (
	writerPragmas = []string{"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		fmt.Sprintf("journal_size_limit(%d)", walBound)}
	readerPragmas = []string{"query_only(1)"}
)

// dsn is the driver's name of the file. The path is a URI there, so a path
// with a question mark or percent sign must be escaped.
func dsn(path string, pragmas []string, options ...string) string {
	escaped := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	if !strings.HasPrefix(escaped, "/") {
		escaped = "/" + escaped // a Windows drive
	}
	q := url.Values{"_pragma": append([]string{fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())}, pragmas...)}
	return "file:" + escaped + "?" + strings.Join(append([]string{q.Encode()}, options...), "&")
}

// refuseNewer looks at the schema's version without writing anything: merely
// to open a database for writing, and to close it, moves its log into it.
func refuseNewer(path string, known int) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	db, err := sql.Open(driverName, dsn(path, nil, "mode=ro"))
	if err != nil {
		return err
	}
	defer db.Close()
	var have int
	if err := db.QueryRow("PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	if have > known {
		return &storage.SchemaError{Path: path, Have: have, Known: known}
	}
	return nil
}

func migrate(tx *Tx, path string, migrations []Migration) error {
	version := func() (v int, err error) {
		err = tx.QueryRow("PRAGMA user_version").Scan(&v)
		return v, err
	}
	for {
		have, err := version()
		if err != nil {
			return err
		}
		switch {
		case have > len(migrations):
			return &storage.SchemaError{Path: path, Have: have, Known: len(migrations)}
		case have == len(migrations):
			return nil
		}
		if err := step(tx, version, have, migrations[have]); err != nil {
			return fmt.Errorf("migration %d (%s): %w", have+1, migrations[have].Name, err)
		}
	}
}

// step applies m as number have+1, unless another process has done so since.
func step(tx *Tx, version func() (int, error), have int, m Migration) (err error) {
	if _, err := tx.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, _ = tx.Exec("ROLLBACK")
		}
	}()
	now, err := version()
	if err != nil {
		return err
	}
	if now == have {
		if _, err := tx.conn.ExecContext(context.Background(), m.SQL); err != nil {
			return err
		}
		// PRAGMA takes no parameters.
		set := fmt.Sprintf("PRAGMA user_version = %d", have+1)
		if _, err := tx.conn.ExecContext(context.Background(), set); err != nil {
			return err
		}
	}
	_, err = tx.Exec("COMMIT")
	return err
}
