package storage

import (
	"context"
	"time"
)

// Plugin is what the operator wants of one plugin. What is merely observed
// (running, failed) is not kept here.
type Plugin struct {
	Origin      string // "local" or a publisher; no slash
	Name        string
	Version     string // of the package that is to run
	Digest      string // of that package
	Package     string // file name of that package, without folders
	Enabled     bool
	Grants      []byte // JSON, opaque here; nil means none
	InstalledAt time.Time
	UpdatedAt   time.Time
	Quarantine  string // why it may not run; "" means it may
}

// Identity is whose data the plugin's is.
func (p Plugin) Identity() Identity { return NewIdentity(p.Origin, p.Name) }

// Plugins keeps what the operator wants of each plugin. Its rows are apart
// from the plugin's data: RemovePlugin leaves that to Drop.
type Plugins interface {
	// PutPlugin adds or replaces the row. It fails with *OriginError when a
	// plugin of that name from another origin is there.
	PutPlugin(ctx context.Context, p Plugin) error
	// GetPlugin fails with ErrNotFound when there is no row.
	GetPlugin(ctx context.Context, id Identity) (Plugin, error)
	// ListPlugins returns all rows in the order of their names.
	ListPlugins(ctx context.Context) ([]Plugin, error)
	// RemovePlugin forgets the row; one that is not there is no error.
	RemovePlugin(ctx context.Context, id Identity) error
}
