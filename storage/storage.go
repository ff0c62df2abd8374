// Package storage says what an engine must keep for plugins and by which
// rules: isolated keys and values with quotas and expiry, settings, scheduled
// jobs, what the operator wants of each plugin, and the snapshot stream in
// which one plugin's data travels. Package sqlite beside it is the engine that
// ships; storagetest is the test that every engine must pass.
//
// Vocabulary:
//
//   - Identity: whose data it is. One identity can never name another's.
//   - Store: an engine, open. It is KV, Settings, Jobs, Plugins,
//     Contributions and Snapshots in one.
//   - Value: JSON text or raw bytes, with the version that a write gave it.
//   - Op: one change; several ops go in one Write and each has a Result.
//   - Limits: what one identity may hold; a refusal is a *QuotaError.
//   - Setting, Job, Plugin: rows that the host keeps for an identity.
//   - Snapshot: all data of one identity at one moment, as a stream.
//
// It must never know of virtual machines, permissions or chats, of the meaning
// of a setting or a schedule, nor which engine is underneath. Sealing secrets
// is the caller's work: what arrives here as a secret is already sealed.
//
// Times are kept to the millisecond and come back in UTC. Nothing here assumes
// that it is the only process that has the store open.
package storage

import (
	"context"
	"io"
)

// Identity is whose data it is: an origin and a name, "local/hello" or
// "acme/@acme/hello". Make one with NewIdentity.
type Identity string

// NewIdentity joins an origin and a plugin's name. Origins have no slash, so
// that two different pairs never give one identity.
func NewIdentity(origin, name string) Identity { return Identity(origin + "/" + name) }

// Store is an open engine. All methods may be called from any goroutine; after
// Close they fail with ErrClosed. A write that returned without an error
// survives a power cut; an error means that nothing of it was written (a disk
// that breaks while it syncs excepted). The end of a context ends the wait for
// the call's turn; what has begun is finished.
type Store interface {
	KV
	Settings
	Jobs
	Plugins
	Contributions
	Snapshots
	io.Closer
}

// Contributions remembers what a plugin registered when it first started, so
// that a sleeping one can still be named and woken. The bytes are the host's
// own JSON and opaque here.
type Contributions interface {
	// SaveContributions replaces what is remembered; nil forgets it.
	SaveContributions(ctx context.Context, id Identity, data []byte) error
	// LoadContributions returns nil when nothing is remembered.
	LoadContributions(ctx context.Context, id Identity) ([]byte, error)
}

// Snapshots moves the data of one identity as a whole: keys and values with
// versions and expiry, settings, and jobs. What the operator wants of the
// plugin (Plugins) and its contributions are not part of it.
type Snapshots interface {
	// Snapshot writes the data of id, as it was at one moment, to w. It may
	// be called while others write. See SnapshotData for the stream.
	Snapshot(ctx context.Context, id Identity, w io.Writer) error
	// Restore replaces the data of id by what a snapshot holds, all or
	// nothing. The whole stream is read and checked (*SnapshotError) and held
	// against the limits of id (*QuotaError) before anything changes. The
	// snapshot may be another identity's: to move data is the operator's
	// right, though sealed secrets stay bound to the identity they were
	// sealed for. Versions never run backwards, so a CompareAndSet that was
	// prepared before the Restore fails unless its value is there again.
	Restore(ctx context.Context, id Identity, r io.Reader) error
	// Drop removes keys and values, settings, jobs and contributions of id.
	// To drop what is not there is no error.
	Drop(ctx context.Context, id Identity) error
}
