package sqlite

// storeMigrations is the schema of a Store. Only ever add at the end.
//
// Keys and names are BLOBs: they sort by bytes and may hold NUL. Identity rows
// carry the usage, which triggers keep, so it is exact in the statement that
// changes a key and whoever runs it. The value is the last column: what lies
// before it is read without following a large value's chain of pages.
var storeMigrations = []Migration{{Name: "first tables", SQL: `
CREATE TABLE identity (
	id      INTEGER PRIMARY KEY,
	name    TEXT NOT NULL UNIQUE,
	bytes   INTEGER NOT NULL DEFAULT 0,
	keys    INTEGER NOT NULL DEFAULT 0,
	version INTEGER NOT NULL DEFAULT 0  -- the newest that a key of it was given
) STRICT;

CREATE TABLE kv (
	owner   INTEGER NOT NULL,
	key     BLOB NOT NULL,
	version INTEGER NOT NULL,
	expires INTEGER,                    -- milliseconds since 1970, NULL: never
	raw     INTEGER NOT NULL,           -- 1: raw bytes, 0: JSON text
	value   BLOB NOT NULL,
	PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX kv_expires ON kv (expires) WHERE expires IS NOT NULL;

CREATE TRIGGER kv_insert AFTER INSERT ON kv BEGIN
	UPDATE identity SET bytes = bytes + length(NEW.key) + length(NEW.value), keys = keys + 1,
		version = NEW.version WHERE id = NEW.owner;
END;
CREATE TRIGGER kv_update AFTER UPDATE ON kv BEGIN
	UPDATE identity SET bytes = bytes + length(NEW.value) - length(OLD.value),
		version = NEW.version WHERE id = NEW.owner;
END;
CREATE TRIGGER kv_delete AFTER DELETE ON kv BEGIN
	UPDATE identity SET bytes = bytes - length(OLD.key) - length(OLD.value), keys = keys - 1
		WHERE id = OLD.owner;
END;

CREATE TABLE setting (
	owner  INTEGER NOT NULL REFERENCES identity (id),
	field  BLOB NOT NULL,
	secret INTEGER NOT NULL,
	type   TEXT NOT NULL,
	value  BLOB NOT NULL,
	PRIMARY KEY (owner, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
	owner    INTEGER NOT NULL REFERENCES identity (id),
	key      BLOB NOT NULL,
	due      INTEGER,                   -- NULL: not to run again
	last_run INTEGER NOT NULL,          -- 0: never
	spec     BLOB NOT NULL,
	PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_due ON job (due) WHERE due IS NOT NULL;

CREATE TABLE plugin (
	name         TEXT PRIMARY KEY,      -- one origin a name
	origin       TEXT NOT NULL,
	version      TEXT NOT NULL,
	digest       TEXT NOT NULL,
	package      TEXT NOT NULL,
	enabled      INTEGER NOT NULL,
	grants       BLOB,
	installed_at INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL,
	quarantine   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE contribution (
	owner INTEGER PRIMARY KEY REFERENCES identity (id),
	data  BLOB NOT NULL
) STRICT;
`}}
