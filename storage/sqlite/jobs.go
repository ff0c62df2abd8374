package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/innkeeper-host/innkeeper/storage"
)

// PutJob implements storage.Jobs.
func (s *Store) PutJob(ctx context.Context, job storage.Job) error {
	const what = "store job"
	if err := checkName(job.Identity, job.Key); err != nil {
		return attempt(what, job.Identity, err)
	}
	if err := checkSize(job.Identity, job.Key, storage.LimitJobSpec, len(job.Spec), storage.MaxJobSpecBytes); err != nil {
		return attempt(what, job.Identity, err)
	}
	owner, err := s.owner(ctx, job.Identity)
	if err != nil {
		return attempt(what, job.Identity, err)
	}
	var refusal error
	err = s.write(ctx, what, job.Identity, func(tx *Tx) error {
		var others int64
		err := tx.QueryRow("SELECT count(*) FROM job WHERE owner = ?1 AND key <> ?2", owner, []byte(job.Key)).Scan(&others)
		if err != nil {
			return err
		}
		refusal = nil
		if others >= storage.MaxJobs {
			refusal = &storage.QuotaError{Identity: job.Identity, Key: job.Key, Limit: storage.LimitJobs,
				Have: others, Want: others + 1, Max: storage.MaxJobs}
			return nil
		}
		return putJob(tx, owner, job)
	})
	if err != nil {
		return err
	}
	return attempt(what, job.Identity, refusal)
}

func putJob(tx *Tx, owner int64, job storage.Job) error {
	_, err := tx.Exec(`INSERT INTO job (owner, key, due, last_run, spec) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT DO UPDATE SET due = excluded.due, spec = excluded.spec,
			last_run = CASE excluded.last_run WHEN 0 THEN last_run ELSE excluded.last_run END`,
		owner, []byte(job.Key), orNull(job.Due), millis(job.LastRun), notNull(job.Spec))
	return err
}

// RemoveJob implements storage.Jobs.
func (s *Store) RemoveJob(ctx context.Context, id storage.Identity, key string) error {
	owner, err := s.knownOwner(ctx, id)
	if err != nil || owner == 0 {
		return attempt("remove job", id, err)
	}
	return s.write(ctx, "remove job", id, func(tx *Tx) error {
		_, err := tx.Exec("DELETE FROM job WHERE owner = ?1 AND key = ?2", owner, []byte(key))
		return err
	})
}

const selectJobs = `SELECT identity.name, job.key, coalesce(job.due, 0), job.last_run, job.spec
	FROM job JOIN identity ON identity.id = job.owner `

func scanJobs(tx *Tx, query string, args ...any) ([]storage.Job, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	jobs := []storage.Job{}
	err = eachRow(rows, func(rows *sql.Rows) error {
		var (
			job          storage.Job
			name         string
			key          []byte
			due, lastRun int64
		)
		if err := rows.Scan(&name, &key, &due, &lastRun, &job.Spec); err != nil {
			return err
		}
		job.Identity, job.Key = storage.Identity(name), string(key)
		job.Due, job.LastRun = fromMillis(due), fromMillis(lastRun)
		jobs = append(jobs, job)
		return nil
	})
	return jobs, err
}

const jobsOfOwner = selectJobs + "WHERE job.owner = ?1 ORDER BY job.key"

// ListJobs implements storage.Jobs.
func (s *Store) ListJobs(ctx context.Context, id storage.Identity) (jobs []storage.Job, err error) {
	owner, err := s.knownOwner(ctx, id)
	if err != nil || owner == 0 {
		return []storage.Job{}, attempt("list jobs", id, err)
	}
	err = s.db.read(ctx, func(tx *Tx) (err error) {
		jobs, err = scanJobs(tx, jobsOfOwner, owner)
		return err
	})
	return jobs, attempt("list jobs", id, err)
}

// DueJobs implements storage.Jobs.
func (s *Store) DueJobs(ctx context.Context, now time.Time, limit int) (jobs []storage.Job, err error) {
	err = s.db.read(ctx, func(tx *Tx) (err error) {
		jobs, err = scanJobs(tx, selectJobs+"WHERE job.due <= ?1 ORDER BY job.due, identity.name, job.key LIMIT ?2",
			now.UnixMilli(), limit)
		return err
	})
	return jobs, attempt("list due jobs", "", err)
}

// NextDue implements storage.Jobs.
func (s *Store) NextDue(ctx context.Context) (due time.Time, ok bool, err error) {
	var ms *int64
	err = s.db.read(ctx, func(tx *Tx) error {
		return tx.QueryRow("SELECT min(due) FROM job WHERE due IS NOT NULL").Scan(&ms)
	})
	if err != nil || ms == nil {
		return time.Time{}, false, attempt("find the next due job", "", err)
	}
	return fromMillis(*ms), true, nil
}

// ClaimJob implements storage.Jobs.
func (s *Store) ClaimJob(ctx context.Context, id storage.Identity, key string, due, next time.Time) (bool, error) {
	owner, err := s.knownOwner(ctx, id)
	if err != nil || owner == 0 {
		return false, attempt("claim job", id, err)
	}
	var claimed int64
	err = s.write(ctx, "claim job", id, func(tx *Tx) (err error) {
		claimed, err = tx.Exec("UPDATE job SET due = ?4, last_run = ?5 WHERE owner = ?1 AND key = ?2 AND due = ?3",
			owner, []byte(key), millis(due), orNull(next), s.now())
		return err
	})
	return claimed == 1 && err == nil, err
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}
