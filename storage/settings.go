package storage

import "context"

// Setting is the stored value of one field of a plugin's settings.
type Setting struct {
	Value  []byte // valid JSON text, or sealed bytes where Secret is set
	Secret bool
	Type   string // the field's type when the value was written
}

// Settings keeps the values of each identity's settings.
type Settings interface {
	// LoadSettings returns all stored fields of id; the map is never nil and
	// belongs to the caller.
	LoadSettings(ctx context.Context, id Identity) (map[string]Setting, error)
	// SaveSettings writes the given fields in one transaction and leaves the
	// others; nil deletes a field. It fails with *QuotaError beyond
	// MaxSettings, MaxSettingBytes or MaxNameBytes.
	SaveSettings(ctx context.Context, id Identity, changes map[string]*Setting) error
}
