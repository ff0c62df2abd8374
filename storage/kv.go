package storage

import (
	"context"
	"time"
)

// Value is what a key holds.
type Value struct {
	// Bytes says what Data is: true means raw bytes, false JSON text. That it
	// is valid JSON is the writer's promise; engines keep it as it is, and
	// only Restore, which reads foreign bytes, checks it.
	Bytes bool
	Data  []byte
	// Version changes with each write of the key and never returns to an
	// earlier number, not even after the key was deleted. It is more than 0
	// for every value read; writes ignore it.
	Version int64
}

// Entry is a key with its value.
type Entry struct {
	Key   string
	Value Value
}

// Range selects keys in the order of their UTF-8 bytes.
type Range struct {
	Prefix string // only keys that begin with it
	After  string // only keys behind it; "" begins at the first
	Limit  int    // at most so many; 0 or less means all
}

// Usage is what an identity holds. Bytes counts the keys and the data of the
// values; an expired value counts until it has been swept.
type Usage struct {
	Bytes      int64
	Keys       int64
	LimitBytes int64
}

// KV keeps the keys and values of each identity apart. A key whose time to
// live has passed is invisible to every method at once.
type KV interface {
	// Get reads keys as they were at one moment; the answer has the order of
	// keys, with nil for a missing one.
	Get(ctx context.Context, id Identity, keys ...string) ([]*Value, error)
	// Keys lists keys.
	Keys(ctx context.Context, id Identity, r Range) ([]string, error)
	// Entries lists keys with their values.
	Entries(ctx context.Context, id Identity, r Range) ([]Entry, error)
	// Usage tells what is held and how much may be.
	Usage(ctx context.Context, id Identity) (Usage, error)
	// Write applies ops in order in one transaction. Each op succeeds or
	// fails by itself, and the Result of the same index says which: one that
	// was refused changes nothing and does not undo the others. When Write
	// itself returns an error there are no results and nothing changed.
	Write(ctx context.Context, id Identity, ops ...Op) ([]Result, error)
}

// Op is one change: Set, Delete, Clear, Increment or CompareAndSet.
type Op interface{ op() }

// Set stores Entries, all or none; of two with the same key the later wins.
// It fails with *KeyError or *QuotaError.
type Set struct {
	Entries []Entry
	// TTL is the time to live of all of them, in steps of a millisecond
	// (rounded up); 0 or less means for ever.
	TTL time.Duration
}

// Delete removes Keys. Result.Removed counts those that were there.
type Delete struct{ Keys []string }

// Clear removes every key that begins with Prefix, all of them if it is "".
// Result.Removed counts those that were visible.
type Clear struct{ Prefix string }

// Increment adds By to the JSON number that Key holds (a missing one counts
// as 0), keeps the key's expiry, and gives the sum in Result.Number. It fails
// with *NumberError when the value is no JSON number or the sum is not finite,
// besides *KeyError and *QuotaError.
type Increment struct {
	Key string
	By  float64
}

// CompareAndSet stores Value if the key's version is still Version, where 0
// means missing, and fails with ErrConflict if it is not, besides *KeyError
// and *QuotaError. A nil Value deletes the key.
type CompareAndSet struct {
	Key     string
	Version int64
	Value   *Value
	TTL     time.Duration // as in Set
}

func (Set) op()           {}
func (Delete) op()        {}
func (Clear) op()         {}
func (Increment) op()     {}
func (CompareAndSet) op() {}

// Result is what became of one Op.
type Result struct {
	Err     error   // why it was refused; nil means done
	Removed int64   // Delete, Clear
	Number  float64 // Increment
}
