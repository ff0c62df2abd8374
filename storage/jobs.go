package storage

import (
	"context"
	"time"
)

// Job is a scheduled job of a plugin, known by identity and key.
type Job struct {
	Identity Identity
	Key      string
	Spec     []byte    // JSON text, opaque here
	Due      time.Time // when it is to run next; zero means never again
	LastRun  time.Time // when it was last claimed; zero means never
}

// Jobs keeps scheduled jobs across restarts. Each due time is run by whoever
// claims it, however many processes share the store.
type Jobs interface {
	// PutJob adds the job or replaces its Spec and Due; a zero LastRun keeps
	// the one that is stored. It fails with *QuotaError beyond MaxJobs,
	// MaxJobSpecBytes or MaxNameBytes.
	PutJob(ctx context.Context, job Job) error
	// RemoveJob forgets a job; one that is not there is no error.
	RemoveJob(ctx context.Context, id Identity, key string) error
	// ListJobs returns the jobs of id in the order of their keys.
	ListJobs(ctx context.Context, id Identity) ([]Job, error)
	// DueJobs returns at most limit jobs of all identities that are due at
	// now or before, the earliest first.
	DueJobs(ctx context.Context, now time.Time, limit int) ([]Job, error)
	// NextDue is the earliest time at which a job of any identity is due; ok
	// is false when none is.
	NextDue(ctx context.Context) (due time.Time, ok bool, err error)
	// ClaimJob moves a job from due to next (zero: it is not to run again)
	// and notes the present time as its last run. It reports whether it did:
	// false means that someone else has claimed that due time, or the job is
	// gone or was rescheduled, and the caller must not run it.
	ClaimJob(ctx context.Context, id Identity, key string, due, next time.Time) (bool, error)
}
