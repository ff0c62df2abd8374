package jsruntime

import (
	"errors"
	"sync"
)

// Lane is the part of the mailbox that a job waits in.
type Lane byte

// The lanes, in the order in which they are served.
const (
	Control Lane = iota // initialize, destroy, pushed state
	answers             // Deferreds that were settled; only Deferred posts here
	Work                // everything else; bounded
	lanes
)

// ErrBusy says that the work lane is full: the job was not taken.
var ErrBusy = errors.New("mailbox is full")

// job is what waits in a lane.
type job struct {
	run   func(*VM)
	drop  func(error) // instead of run, when the runtime ends first; may be nil
	cause uint64
}

// mailbox is a queue of jobs by lane. Its reader sleeps on wake.
type mailbox struct {
	mu     sync.Mutex
	queues [lanes]queue
	bound  int // of the work lane
	closed error
	wake   chan struct{} // capacity 1: a token is there when something changed
}

func newMailbox(bound int) *mailbox {
	return &mailbox{bound: bound, wake: make(chan struct{}, 1)}
}

// put adds a job, or says why it cannot.
func (m *mailbox) put(lane Lane, j job) error {
	m.mu.Lock()
	if m.closed != nil {
		m.mu.Unlock()
		return m.closed
	}
	if lane == Work && m.queues[Work].len() >= m.bound {
		m.mu.Unlock()
		return ErrBusy
	}
	m.queues[lane].push(j)
	m.mu.Unlock()
	m.signal()
	return nil
}

// signal wakes the reader.
func (m *mailbox) signal() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// take returns the next job, and whether there is one; work is left alone
// where skipWork is set, so that a due timer gets its turn.
func (m *mailbox) take(skipWork bool) (job, Lane, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for lane := range m.queues {
		if Lane(lane) == Work && skipWork {
			break
		}
		if j, ok := m.queues[lane].pop(); ok {
			return j, Lane(lane), true
		}
	}
	return job{}, 0, false
}

// close refuses further jobs with err and returns those that wait.
func (m *mailbox) close(err error) []job {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed == nil {
		m.closed = err
	}
	var left []job
	for lane := range m.queues {
		for {
			j, ok := m.queues[lane].pop()
			if !ok {
				break
			}
			left = append(left, j)
		}
	}
	return left
}

func (m *mailbox) waiting(lane Lane) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.queues[lane].len()
}

// queue is a ring of jobs that gives its memory back when it is empty.
type queue struct {
	jobs []job
	head int
}

func (q *queue) len() int { return len(q.jobs) - q.head }

// push moves what waits to the front where half of the ring is behind it: a
// queue that is never empty must not grow for ever.
func (q *queue) push(j job) {
	if len(q.jobs) == cap(q.jobs) && q.head > 0 && q.head >= len(q.jobs)/2 {
		n := copy(q.jobs, q.jobs[q.head:])
		clear(q.jobs[n:])
		q.jobs, q.head = q.jobs[:n], 0
	}
	q.jobs = append(q.jobs, j)
}

func (q *queue) pop() (job, bool) {
	if q.head == len(q.jobs) {
		return job{}, false
	}
	j := q.jobs[q.head]
	q.jobs[q.head] = job{}
	q.head++
	if q.head == len(q.jobs) {
		q.head = 0
		if cap(q.jobs) > 16 {
			q.jobs = nil
		} else {
			q.jobs = q.jobs[:0]
		}
	}
	return j, true
}
