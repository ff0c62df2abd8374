package storage

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrClosed is returned by every method of a store that has been closed.
	ErrClosed = errors.New("the store is closed")
	// ErrConflict is the Result of a CompareAndSet whose key changed.
	ErrConflict = errors.New("the value was changed by another write since it was read")
	// ErrFull means that the disk, or the size that the database was given,
	// is used up. Nothing that was stored before is lost, reads go on, and
	// writes work again as soon as there is room.
	ErrFull = errors.New("the disk is full; free some space, what was stored before is safe")
	// ErrBusy means that another process held the store's write lock for
	// longer than the engine waits. Trying again later is right.
	ErrBusy = errors.New("another process is writing to the store; try again")
	// ErrDamaged means that the file is not a database or is broken.
	ErrDamaged = errors.New("the database is damaged; restore it from a backup")
	// ErrNotFound is returned where one named row is asked for and missing.
	ErrNotFound = errors.New("there is no such entry")
)

// Limit names the limit that a QuotaError is about, as a noun that follows a
// number.
type Limit string

// The limits of an identity.
const (
	LimitValueBytes Limit = "bytes a value"
	LimitTotalBytes Limit = "bytes in all"
	LimitKeys       Limit = "keys"
	LimitSettings   Limit = "settings"
	LimitJobs       Limit = "scheduled jobs"
	LimitJobSpec    Limit = "bytes a schedule"
	LimitNameBytes  Limit = "bytes a name"
	LimitHostBytes  Limit = "bytes of contributions"
)

// QuotaError is the refusal of a write that would exceed a limit.
type QuotaError struct {
	Identity Identity
	Key      string // the key that was being written, if it was one
	Limit    Limit
	Have     int64 // held before; 0 where the limit is about one thing
	Want     int64 // what there would have been afterwards
	Max      int64 // what is allowed
}

func (e *QuotaError) Error() string {
	var b strings.Builder
	b.WriteString("storage quota exceeded")
	if e.Key != "" {
		fmt.Fprintf(&b, " by the value of %q", shorten(e.Key))
	}
	fmt.Fprintf(&b, ": at most %d %s are allowed, this would make %d", e.Max, e.Limit, e.Want)
	if e.Have > 0 {
		fmt.Fprintf(&b, " (%d are in use)", e.Have)
	}
	return b.String()
}

// KeyError is the refusal of a key that can not be used.
type KeyError struct {
	Key         string
	Reason      string
	Length, Max int64 // bytes, where the reason is its length
}

func (e *KeyError) Error() string {
	msg := fmt.Sprintf("storage key %q can not be used: %s", shorten(e.Key), e.Reason)
	if e.Max > 0 {
		msg += fmt.Sprintf(" (%d bytes; at most %d are allowed)", e.Length, e.Max)
	}
	return msg
}

// NumberError is the refusal of an Increment.
type NumberError struct {
	Key    string
	Reason string
}

func (e *NumberError) Error() string {
	return fmt.Sprintf("storage key %q can not be incremented: %s", shorten(e.Key), e.Reason)
}

// SchemaError is returned when a store was written by a newer program than
// this one. The store has not been touched.
type SchemaError struct {
	Path  string
	Have  int // the version that the store has
	Known int // the newest version that this program knows
}

func (e *SchemaError) Error() string {
	return fmt.Sprintf("open store %s: it has schema version %d, this program knows versions up to %d; "+
		"use the newer program that wrote it (the store was not changed)", e.Path, e.Have, e.Known)
}

// OriginError is the refusal of a second plugin with the name of one that came
// from elsewhere.
type OriginError struct {
	Name string
	Have string // the origin of the plugin that is there
	Want string // the origin of the one that was refused
}

func (e *OriginError) Error() string {
	return fmt.Sprintf("store plugin %s from %s: a plugin of that name from %s is installed; remove that one first",
		e.Name, e.Want, e.Have)
}

// SnapshotError says why a stream is no snapshot that can be restored.
type SnapshotError struct {
	Reason string
	Err    error // the reader's error, if it was one
}

func (e *SnapshotError) Error() string {
	msg := "read snapshot: " + e.Reason
	if e.Err != nil {
		msg += ": " + e.Err.Error()
	}
	return msg
}

func (e *SnapshotError) Unwrap() error { return e.Err }

// shorten keeps a plugin's long key from filling a log line.
func shorten(key string) string {
	const most = 64
	if len(key) <= most {
		return key
	}
	return strings.ToValidUTF8(key[:most], "") + "…"
}
