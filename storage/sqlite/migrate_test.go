package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper/storage"
)

func TestMigrationsRunOnceAndInOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b%20c?d#e.db")
	steps := append(oneTable[:1:1],
		Migration{Name: "a row", SQL: "INSERT INTO t (n) VALUES (1); INSERT INTO t (n) VALUES (2)"},
		Migration{Name: "another", SQL: "INSERT INTO t (n) SELECT max(n) + 1 FROM t"})
	for have := 1; have <= len(steps); have++ {
		for range 2 { // the second time there is nothing to do
			db, err := Open(path, steps[:have])
			if err != nil {
				t.Fatal(err)
			}
			if n, want := count(t, db), []int{0, 2, 3}[have-1]; n != want {
				t.Errorf("after %d steps there are %d rows, want %d", have, n, want)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file is not where it was asked for: %v", err)
	}
}

func TestFailedMigrationLeavesTheVersionBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	broken := append(oneTable[:1:1], Migration{Name: "broken", SQL: "INSERT INTO t (n) VALUES (1); INSERT INTO none VALUES (1)"})
	if _, err := Open(path, broken); err == nil || !strings.Contains(err.Error(), "migration 2 (broken)") {
		t.Fatalf("error %v does not name the migration", err)
	}
	db, err := Open(path, oneTable)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if n := count(t, db); n != 0 {
		t.Errorf("the failed migration left %d rows", n)
	}
}

func TestNewerSchemaIsRefusedAndUntouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := Open(path, append(oneTable[:1:1], Migration{Name: "newer", SQL: "INSERT INTO t (n) VALUES (1)"}))
	if err != nil {
		t.Fatal(err)
	}
	// With its log beside it, as a host that was killed leaves it.
	copied := filepath.Join(t.TempDir(), "copied.db")
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, copied} {
		before := contents(t, path)
		_, err = Open(path, oneTable)
		var schema *storage.SchemaError
		if !errors.As(err, &schema) || schema.Have != 2 || schema.Known != 1 || schema.Path != path {
			t.Errorf("error is %v", err)
		}
		if after := contents(t, path); after != before {
			t.Error("the file was changed")
		}
	}
}

// contents is the file and its log.
func contents(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(path + "-wal")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data) + "|" + string(log)
}

func TestWhatIsNoDatabaseIsDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	text := strings.Repeat("no database ", 1000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, oneTable); !errors.Is(err, storage.ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("error is %v", err)
	}
	if got := contents(t, path); got != text+"|" {
		t.Error("the file was changed")
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none", "test.db"), oneTable); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v", err)
	}
	if _, err := Open("", oneTable); err == nil {
		t.Error("the empty path was opened")
	}
}

func TestOnlyTheOwnerCanReadTheFile(t *testing.T) {
	db := openTemp(t, oneTable)
	if err := db.Write(background, insert(1)); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		info, err := os.Stat(db.Path() + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 && os.PathSeparator == '/' {
			t.Errorf("the mode of %q is %v", suffix, mode)
		}
	}
}
