package host

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/internal/clock"
)

// Origin is how a call came about.
type Origin struct {
	Hops    int    // plugins that stand before it: 0 for a person's message
	Channel string // of the message or command; "" where there is none
	Thread  string
}

// Call is one call to a plugin, before it is made. Handler is found by Name in
// the session that makes it, so that a call which has not started can move to
// the next generation.
type Call struct {
	Kind   bridge.Kind
	Name   string // of the command, job, menu item or interceptor
	Args   bridge.Payload
	Origin Origin
	// Done is called once, from any goroutine, and must not block; nil means
	// that nobody waits. Errors are reported as incidents either way.
	Done func(bridge.Result)
}

// calls are the open calls of a session, by cause, and those that ended lately:
// what follows from a call may come after its end, by a timer.
type calls struct {
	session *Session

	mu     sync.Mutex
	last   bridge.Cause
	known  map[bridge.Cause]*call
	ended  []*call // oldest first
	timer  clock.Timer
	armed  time.Time // what timer is set for; zero when it is not set
	closed bool
}

type call struct {
	Call
	cause    bridge.Cause
	deadline time.Time
	ended    bool
	endedAt  time.Time
}

// What a session remembers of calls that have ended: their origin, for what
// follows by a timer, and for a while how deep in a chain they were.
const (
	maxEnded = 256
	lately   = time.Minute
)

// open begins a call and gives it its cause.
func (c *calls) open(init Call) *call {
	limit := c.session.waits.of(init.Kind)
	deadline := c.session.desk.Clock.Now().Add(limit)
	c.session.desk.Busy.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	made := &call{Call: init, cause: c.last, deadline: deadline}
	c.known[made.cause] = made
	c.arm(deadline, limit)
	return made
}

// arm makes sure that the timer fires at the deadline or before.
func (c *calls) arm(deadline time.Time, wait time.Duration) {
	if c.closed || !c.armed.IsZero() && !c.armed.After(deadline) {
		return
	}
	c.armed = deadline
	if c.timer == nil {
		c.timer = c.session.desk.Clock.AfterFunc(wait, c.expire)
	} else {
		c.timer.Reset(wait)
	}
}

// end ends a call with its result; only the first end counts.
func (c *calls) end(made *call, result bridge.Result) {
	now := c.session.desk.Clock.Now()
	c.mu.Lock()
	if made.ended {
		c.mu.Unlock()
		return
	}
	made.ended, made.endedAt = true, now
	done := made.Done
	made.Done, made.Args = nil, ""
	c.ended = append(c.ended, made)
	if len(c.ended) > maxEnded {
		delete(c.known, c.ended[0].cause)
		c.ended[0] = nil
		c.ended = c.ended[1:]
	}
	c.mu.Unlock()
	if result.Err != nil {
		c.session.incident(made.Kind.String(), result.Err)
	}
	if done != nil {
		done(result)
	}
	c.session.desk.Busy.Add(-1)
}

// take removes a call that has not ended, and reports whether it was there: it
// was never made, or moves to another session.
func (c *calls) take(cause bridge.Cause) (Call, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	made := c.known[cause]
	if made == nil || made.ended {
		return Call{}, false
	}
	made.ended = true
	delete(c.known, cause)
	return made.Call, true
}

// expire ends the calls whose waiting limit is over.
func (c *calls) expire() {
	now := c.session.desk.Clock.Now()
	var late []*call
	c.mu.Lock()
	c.armed = time.Time{}
	var next time.Time
	for _, made := range c.known {
		switch {
		case made.ended:
		case !made.deadline.After(now):
			late = append(late, made)
		case next.IsZero() || made.deadline.Before(next):
			next = made.deadline
		}
	}
	if !next.IsZero() {
		c.arm(next, next.Sub(now))
	}
	c.mu.Unlock()
	for _, made := range late {
		c.session.room.Abandon(made.cause)
		limit := c.session.waits.of(made.Kind)
		c.end(made, bridge.Result{Err: bridge.Errorf("TimeoutError", "%s took longer than %s and was abandoned", made.Kind, limit)})
	}
}

// origin is what a cause stands for. Only a call that is open vouches for how
// deep in a chain it is: after its end, by a timer, its handler may act on what
// came later, and a guest may make a cause up. Then the deepest chain counts that
// was delivered lately.
func (c *calls) origin(cause bridge.Cause) Origin {
	now := c.session.desk.Clock.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	origin := Origin{}
	if made := c.known[cause]; made != nil {
		if origin = made.Origin; !made.ended {
			return origin
		}
	}
	for _, made := range c.known {
		if !made.ended || now.Sub(made.endedAt) < lately {
			origin.Hops = max(origin.Hops, made.Origin.Hops)
		}
	}
	return origin
}

func (c *calls) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.timer != nil {
		c.timer.Stop()
	}
}

// ErrGone says that a generation no longer has what a call names.
var ErrGone = errors.New("the plugin no longer has it")

// Call makes a call to the plugin. The error says that it was not taken:
// bridge.ErrBusy, why the room ended, or ErrGone.
func (s *Session) Call(init Call) error {
	handler, ok := s.handler(init.Kind, init.Name)
	if !ok {
		return fmt.Errorf("%s %q of %s: %w", init.Kind, init.Name, s.Name, ErrGone)
	}
	made := s.calls.open(init)
	err := s.room.Post(bridge.Call{Kind: init.Kind, Handler: handler, Cause: made.cause, Args: init.Args},
		func(result bridge.Result) { s.calls.end(made, result) })
	if err != nil {
		if _, ok := s.calls.take(made.cause); ok {
			s.desk.Busy.Add(-1)
		}
	}
	return err
}

// MoveTo hands the calls that have not started to the next generation, in
// order. Those that it has no handler for end with an error.
func (s *Session) MoveTo(next *Session) {
	for _, w := range s.room.Drain() {
		moving, ok := s.calls.take(w.Call.Cause)
		if !ok {
			continue
		}
		if err := next.Call(moving); err != nil {
			failure := bridge.Errorf("Error", "%s", err)
			s.incident(moving.Kind.String(), failure)
			if moving.Done != nil {
				moving.Done(bridge.Result{Err: failure})
			}
		}
		s.desk.Busy.Add(-1)
	}
}
