package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// Tx reads and writes through one connection. It is valid only inside the
// function that it was given to, on that function's goroutine. Statements are
// prepared once and kept by their text, so queries must be constants of the
// program and never carry data.
type Tx struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

// maxStatements bounds the cache; a program has fewer queries than this.
const maxStatements = 256

func connect(pool *sql.DB) (*Tx, error) {
	conn, err := pool.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	return &Tx{conn: conn, statements: map[string]*sql.Stmt{}}, nil
}

func (tx *Tx) close() error {
	errs := []error{tx.forget()}
	return errors.Join(append(errs, tx.conn.Close())...)
}

func (tx *Tx) forget() error {
	var errs []error
	for _, s := range tx.statements {
		errs = append(errs, s.Close())
	}
	clear(tx.statements)
	return errors.Join(errs...)
}

func (tx *Tx) prepare(query string) (*sql.Stmt, error) {
	if s, ok := tx.statements[query]; ok {
		return s, nil
	}
	if len(tx.statements) >= maxStatements {
		if err := tx.forget(); err != nil {
			return nil, err
		}
	}
	s, err := tx.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	tx.statements[query] = s
	return s, nil
}

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	s, err := tx.prepare(query)
	if err != nil {
		return 0, err
	}
	// Contexts stop at the queue: with one that can end, the driver would
	// start a goroutine for each statement.
	r, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Query runs a query; the rows must be closed before the function ends.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	s, err := tx.prepare(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.Background(), args...)
}

// QueryRow runs a query of at most one row.
func (tx *Tx) QueryRow(query string, args ...any) Row {
	s, err := tx.prepare(query)
	if err != nil {
		return Row{err: err}
	}
	return Row{row: s.QueryRowContext(context.Background(), args...)}
}

// Row is the answer of QueryRow.
type Row struct {
	row *sql.Row
	err error
}

// Scan copies the row's columns; it fails with sql.ErrNoRows if there is no
// row.
func (r Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	return r.row.Scan(dest...)
}
