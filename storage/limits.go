package storage

import "unicode/utf8"

// Limits is what one identity may hold. A field that is 0 takes its value from
// DefaultLimits.
type Limits struct {
	KeyBytes   int64 // length of one key
	ValueBytes int64 // length of one value's data
	TotalBytes int64 // sum of the lengths of all keys and values
	// Keys bounds the number of keys, because each costs about 30 bytes on
	// disk besides its own and a plugin could otherwise store millions.
	Keys int64
}

// DefaultLimits are those of the plugin contract; Keys is this package's.
var DefaultLimits = Limits{KeyBytes: 512, ValueBytes: 1 << 20, TotalBytes: 10 << 20, Keys: 1 << 18}

// Bounds on rows that the host writes on a plugin's behalf. They keep a
// snapshot readable in bounded memory.
const (
	MaxSettings          = 512     // fields of one identity
	MaxSettingBytes      = 1 << 20 // value of one field
	MaxJobs              = 1024    // jobs of one identity
	MaxJobSpecBytes      = 64 << 10
	MaxNameBytes         = 512 // a field, a job's key, a type
	MaxContributionBytes = 4 << 20
)

// WithDefaults replaces fields that are 0 or less.
func (l Limits) WithDefaults() Limits {
	set := func(field *int64, fallback int64) {
		if *field <= 0 {
			*field = fallback
		}
	}
	set(&l.KeyBytes, DefaultLimits.KeyBytes)
	set(&l.ValueBytes, DefaultLimits.ValueBytes)
	set(&l.TotalBytes, DefaultLimits.TotalBytes)
	set(&l.Keys, DefaultLimits.Keys)
	return l
}

// CheckKey refuses a key that no engine may take: *KeyError if it is empty,
// too long, or not valid UTF-8 (a lone surrogate of JavaScript's arrives as
// such).
func (l Limits) CheckKey(key string) error {
	switch {
	case key == "":
		return &KeyError{Key: key, Reason: "it is empty"}
	case int64(len(key)) > l.KeyBytes:
		return &KeyError{Key: key, Reason: "it is too long", Length: int64(len(key)), Max: l.KeyBytes}
	case !utf8.ValidString(key):
		return &KeyError{Key: key, Reason: "it is not valid Unicode text"}
	}
	return nil
}

// CheckEntry refuses an entry that is too large or ill-named by itself,
// whatever else id holds.
func (l Limits) CheckEntry(id Identity, e Entry) error {
	if err := l.CheckKey(e.Key); err != nil {
		return err
	}
	if n := int64(len(e.Value.Data)); n > l.ValueBytes {
		return &QuotaError{Identity: id, Key: e.Key, Limit: LimitValueBytes, Want: n, Max: l.ValueBytes}
	}
	return nil
}
