package host

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/internal/due"
	"github.com/innkeeper-host/innkeeper/storage"
)

const (
	maxJobs   = 100
	maxJobKey = 128 // bytes
)

// job is a scheduled job that a generation has registered. The Session's lock
// guards due and ready.
type job struct {
	id       uint32
	key      string
	init     bridge.JobInit
	spec     string // JSON of init, as it is stored
	schedule *due.Schedule

	due   time.Time // next time; meaningful while ready
	ready bool      // its place in the store is known, and it is to run again
}

// schedule serves schedule.
func (s *Session) schedule(id uint32, d *bridge.Decoder) *bridge.Error {
	j := &job{id: id, key: d.String(), spec: d.JSON()}
	if err := d.Err(); err != nil {
		return crossing(err)
	}
	if !s.Allows("schedule", "register") {
		return bridge.Denied("schedule", "register")
	}
	if j.key == "" || len(j.key) > maxJobKey {
		return bridge.Errorf(bridge.TypeErrorName, "schedule: key must have 1 to %d bytes", maxJobKey)
	}
	err := json.Unmarshal([]byte(j.spec), &j.init)
	if err == nil {
		j.schedule, err = j.init.Schedule()
	}
	if err != nil {
		return bridge.Errorf(bridge.TypeErrorName, "schedule %q: %s", j.key, err)
	}
	j.spec = jsonOf(j.init)
	var refusal *bridge.Error
	isLive := false
	if err := s.add(func(r *registrations) {
		switch {
		case slices.ContainsFunc(r.jobs, func(o *job) bool { return o.key == j.key }):
			refusal = bridge.Errorf(bridge.TypeErrorName, "schedule: %q is registered twice", j.key)
		case len(r.jobs) == maxJobs:
			refusal = bridge.Errorf(bridge.BusyErrorName, "schedule: a plugin may have %d jobs", maxJobs)
		default:
			r.jobs = append(r.jobs, j)
			isLive = s.phase == live
		}
	}); err != nil {
		return err
	}
	if refusal == nil && isLive {
		s.placeJobs(j)
	}
	return refusal
}

// placeJobs finds out when jobs are due next, in the store, and tells the
// scheduler.
func (s *Session) placeJobs(jobs ...*job) {
	if len(jobs) == 0 {
		return
	}
	s.desk.scheduler.add(s)
	s.queueSettings(func(ctx context.Context) {
		for _, j := range jobs {
			if err := s.placeJob(ctx, j); err != nil && ctx.Err() == nil {
				s.incident("schedule", crossing(err))
			}
		}
		s.desk.scheduler.wake()
	})
}

// placeJob takes the stored due time over while the job says the same as
// before. A time that was missed meanwhile runs once, or is passed over, as the
// job says.
func (s *Session) placeJob(ctx context.Context, j *job) error {
	rows, err := s.desk.Store.ListJobs(ctx, s.Identity)
	if err != nil {
		return err
	}
	now := s.desk.Clock.Now()
	for _, row := range rows {
		if row.Key != j.key || string(row.Spec) != j.spec {
			continue
		}
		if row.Due.IsZero() || row.Due.After(now) || j.init.Missed == "run" {
			s.setDue(j, row.Due)
			return nil
		}
	}
	next, _ := j.schedule.Next(now)
	if err := s.desk.Store.PutJob(ctx, storage.Job{Identity: s.Identity, Key: j.key, Spec: []byte(j.spec), Due: next}); err != nil {
		return err
	}
	s.setDue(j, next)
	return nil
}

func (s *Session) setDue(j *job, due time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j.due, j.ready = due, !due.IsZero()
}

// removeJob forgets a job that was disposed of.
func (s *Session) removeJob(j *job) {
	s.queueSettings(func(ctx context.Context) {
		if err := s.desk.Store.RemoveJob(ctx, s.Identity, j.key); err != nil && ctx.Err() == nil {
			s.incident("schedule", crossing(err))
		}
	})
}

// JobRun is what a job's handler gets.
type JobRun struct {
	Key    string `json:"key"`
	Due    string `json:"due"` // ISO 8601
	Missed bool   `json:"missed"`
}

// missedAfter is how late a job may be and still count as on time.
const missedAfter = time.Minute

// runJob claims a due time and calls the handler. It returns false where the
// store could not be asked: then it is tried again later.
func (s *Session) runJob(ctx context.Context, j *job, due, now time.Time) bool {
	next, _ := j.schedule.Next(now)
	claimed, err := s.desk.Store.ClaimJob(ctx, s.Identity, j.key, due, next)
	if err != nil {
		s.incident("schedule", crossing(err))
		return false
	}
	if !claimed {
		// Another node ran it, or it was scheduled anew: the store knows.
		s.mu.Lock()
		j.ready = false
		s.mu.Unlock()
		s.placeJobs(j)
		return true
	}
	s.setDue(j, next)
	var e bridge.Encoder
	e.JSON(jsonOf(JobRun{j.key, due.UTC().Format(bridge.TimeFormat), now.Sub(due) > missedAfter}))
	if err := s.Call(Call{Kind: bridge.Job, Name: j.key, Args: e.Payload()}); err != nil {
		s.incident("job", bridge.Errorf("Error", "%s", err))
	}
	return true
}

// Job is a scheduled job, for people.
type Job struct {
	Key  string    `json:"key"`
	Spec string    `json:"spec"`
	Due  time.Time `json:"due"` // zero: never again
}

// Jobs lists what the generation has scheduled.
func (s *Session) Jobs() []Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Job
	for _, j := range s.regs.jobs {
		out = append(out, Job{j.key, j.spec, j.due})
	}
	return out
}
