package jsruntime

import (
	"errors"
	"sync"

	"github.com/innkeeper-host/innkeeper/internal/queue"
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
	queues [lanes]queue.Queue[job]
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
	if lane == Work && m.queues[Work].Len() >= m.bound {
		m.mu.Unlock()
		return ErrBusy
	}
	m.queues[lane].Push(j)
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
		if j, ok := m.queues[lane].Pop(); ok {
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
			j, ok := m.queues[lane].Pop()
			if !ok {
				break
			}
			left = append(left, j)
		}
	}
	return left
}
