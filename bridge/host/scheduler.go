package host

import (
	"sync"
	"time"

	"github.com/innkeeper-host/innkeeper/internal/clock"
)

// scheduler runs the jobs of live sessions when they are due. One goroutine
// waits for the earliest; the desk owns it.
type scheduler struct {
	desk  *Desk
	wakes chan struct{} // capacity 1
	done  chan struct{}

	mu       sync.Mutex
	sessions map[*Session]bool
}

// retryAfter is how long a job waits whose store could not be asked.
const retryAfter = 10 * time.Second

func newScheduler(d *Desk) *scheduler {
	s := &scheduler{desk: d, wakes: make(chan struct{}, 1), done: make(chan struct{}), sessions: map[*Session]bool{}}
	go s.loop()
	return s
}

func (s *scheduler) add(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[session] = true
}

func (s *scheduler) remove(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, session)
}

// wake makes the scheduler look again.
func (s *scheduler) wake() {
	select {
	case s.wakes <- struct{}{}:
	default:
	}
}

func (s *scheduler) close() { <-s.done }

func (s *scheduler) loop() {
	defer close(s.done)
	var timer clock.Timer
	defer func() {
		if timer != nil {
			timer.Stop()
		}
	}()
	for {
		if next, ok := s.runDue(); ok {
			wait := next.Sub(s.desk.Clock.Now())
			if wait <= 0 {
				continue // it came to be due meanwhile
			}
			if timer == nil {
				timer = s.desk.Clock.AfterFunc(wait, s.wake)
			} else {
				timer.Reset(wait)
			}
		}
		select {
		case <-s.wakes:
		case <-s.desk.closing.Done():
			return
		}
	}
}

type dueJob struct {
	session *Session
	job     *job
	due     time.Time
}

// runDue runs what is due and returns when to look again.
func (s *scheduler) runDue() (next time.Time, ok bool) {
	now := s.desk.Clock.Now()
	earlier := func(t time.Time) {
		if !ok || t.Before(next) {
			next, ok = t, true
		}
	}
	for _, d := range s.ready() {
		if d.due.After(now) {
			earlier(d.due)
			continue
		}
		if s.desk.closing.Err() != nil {
			return next, false
		}
		if !d.session.runJob(s.desk.closing, d.job, d.due, now) {
			earlier(now.Add(retryAfter))
			continue
		}
		d.session.mu.Lock()
		if d.job.ready {
			earlier(d.job.due)
		}
		d.session.mu.Unlock()
	}
	return next, ok
}

func (s *scheduler) ready() []dueJob {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []dueJob
	for session := range s.sessions {
		session.mu.Lock()
		for _, j := range session.regs.jobs {
			if j.ready {
				out = append(out, dueJob{session, j, j.due})
			}
		}
		session.mu.Unlock()
	}
	return out
}
