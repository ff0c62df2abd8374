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
	start   time.Time // times below are counted from here
	under   Busy      // calls that have not ended

	mu     sync.Mutex
	last   bridge.Cause
	recent []*call                // by (cause-1) modulo remembered
	older  map[bridge.Cause]*call // open ones that recent has no place for any more
	timer  clock.Timer
	armed  time.Duration // what timer is set for; 0 when it is not set
	closed bool
}

// call is one call, and afterwards the memory of it. The struct serves again for
// a later call, so whoever keeps it over an unlock compares cause.
type call struct {
	Call
	cause    bridge.Cause
	deadline time.Duration
	ended    bool
	endedAt  time.Duration
}

// What a session remembers of calls that have ended: their origin, for what
// follows by a timer, and for a while how deep in a chain they were.
const (
	remembered = 256
	lately     = time.Minute
)

// count counts a call that begins or ends, for who waits for the plugin and for
// who waits for all of them.
func (c *calls) count(n int) {
	c.under.Add(n)
	c.session.desk.Busy.Add(n)
}

func (c *calls) now() time.Duration { return c.session.desk.Clock.Now().Sub(c.start) }

// open begins a call and gives it its cause.
func (c *calls) open(init Call) (*call, bridge.Cause) {
	limit := c.session.Waits.of(init.Kind)
	deadline := c.now() + limit
	c.count(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	made := c.place(c.last)
	*made = call{Call: init, cause: c.last, deadline: deadline}
	c.arm(deadline, limit)
	return made, c.last
}

// place finds the struct for a new call: one whose memory is the oldest, where
// there is such a one.
func (c *calls) place(cause bridge.Cause) *call {
	at := int((cause - 1) % remembered)
	if at == len(c.recent) {
		c.recent = append(c.recent, &call{})
		return c.recent[at]
	}
	if oldest := c.recent[at]; !oldest.ended {
		if c.older == nil {
			c.older = map[bridge.Cause]*call{}
		}
		c.older[oldest.cause] = oldest
		c.recent[at] = &call{}
	}
	return c.recent[at]
}

// find is the call of a cause, open or remembered, or nil; the lock is held.
func (c *calls) find(cause bridge.Cause) *call {
	if cause == 0 || len(c.recent) == 0 {
		return nil
	}
	if at := int((cause - 1) % remembered); at < len(c.recent) && c.recent[at].cause == cause {
		return c.recent[at]
	}
	return c.older[cause]
}

// each visits the calls that are open or remembered; the lock is held.
func (c *calls) each(visit func(*call)) {
	for _, made := range c.recent {
		visit(made)
	}
	for _, made := range c.older {
		visit(made)
	}
}

// arm makes sure that the timer fires at the deadline or before.
func (c *calls) arm(deadline, wait time.Duration) {
	if c.closed || c.armed != 0 && c.armed <= deadline {
		return
	}
	c.armed = deadline
	if c.timer == nil {
		c.timer = c.session.desk.Clock.AfterFunc(wait, c.expire)
	} else {
		c.timer.Reset(wait)
	}
}

// end ends the call of a cause with its result; only the first end counts.
func (c *calls) end(made *call, cause bridge.Cause, result bridge.Result) {
	now := c.now()
	c.mu.Lock()
	if made.ended || made.cause != cause {
		c.mu.Unlock()
		return
	}
	made.ended, made.endedAt = true, now
	kind, done := made.Kind, made.Done
	made.Done, made.Args = nil, ""
	if len(c.older) > 0 {
		delete(c.older, cause)
	}
	c.mu.Unlock()
	if result.Err != nil {
		c.session.incident(kind.String(), result.Err)
	}
	if done != nil {
		done(result)
	}
	c.count(-1)
}

// take removes a call that has not ended, and reports whether it was there: it
// was never made, or moves to another session.
func (c *calls) take(cause bridge.Cause) (Call, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	made := c.find(cause)
	if made == nil || made.ended {
		return Call{}, false
	}
	taken := made.Call
	*made = call{ended: true} // nothing of it is remembered
	delete(c.older, cause)
	return taken, true
}

// expire ends the calls whose waiting limit is over.
func (c *calls) expire() {
	now := c.now()
	type lateCall struct {
		made  *call
		cause bridge.Cause
		kind  bridge.Kind
	}
	var late []lateCall
	c.mu.Lock()
	c.armed = 0
	next := time.Duration(0)
	c.each(func(made *call) {
		switch {
		case made.ended:
		case made.deadline <= now:
			late = append(late, lateCall{made, made.cause, made.Kind})
		case next == 0 || made.deadline < next:
			next = made.deadline
		}
	})
	if next != 0 {
		c.arm(next, next-now)
	}
	c.mu.Unlock()
	for _, l := range late {
		c.session.room.Abandon(l.cause)
		limit := c.session.Waits.of(l.kind)
		c.end(l.made, l.cause, bridge.Result{Err: bridge.Errorf(bridge.TimeoutErrorName, "%s took longer than %s and was abandoned", l.kind, limit)})
	}
}

// origin is what a cause stands for. Only a call that is open vouches for how
// deep in a chain it is: after its end, by a timer, its handler may act on what
// came later, and a guest may make a cause up. Then the deepest chain counts that
// was delivered lately.
func (c *calls) origin(cause bridge.Cause) Origin {
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	origin := Origin{}
	if made := c.find(cause); made != nil {
		if origin = made.Origin; !made.ended {
			return origin
		}
	}
	c.each(func(made *call) {
		if !made.ended || now-made.endedAt < lately {
			origin.Hops = max(origin.Hops, made.Origin.Hops)
		}
	})
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
	made, cause := s.calls.open(init)
	err := s.room.Post(bridge.Call{Kind: init.Kind, Handler: handler, Cause: cause, Args: init.Args},
		func(result bridge.Result) { s.calls.end(made, cause, result) })
	if err != nil {
		if _, ok := s.calls.take(cause); !ok {
			return nil // its deadline came first, and has ended it
		}
		s.calls.count(-1)
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
		s.calls.count(-1)
	}
}
