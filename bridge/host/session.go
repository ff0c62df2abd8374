package host

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/storage"
)

// Plugin is what a session must know of the plugin that it serves.
type Plugin struct {
	Name     string
	Version  string
	Display  string // shown as its messages' author
	Icon     string
	Identity storage.Identity
	Grants   packaging.Grants
	Waits    Waits
}

// Session is one generation of one plugin at the desk. Its methods may be called
// from any goroutine.
type Session struct {
	Plugin
	desk    *Desk
	room    bridge.Room
	grants  atomic.Pointer[packaging.Grants]
	summary atomic.Uint32 // see summarize
	ended   atomic.Bool   // the room has ended
	calls   calls

	storage  lane[storageRequest]
	sends    lane[sendRequest]
	events   lane[func()]
	settings lane[func(context.Context)]

	mu      sync.Mutex
	phase   phase
	refused *bridge.Error // the first registration refused while staged
	held    []func()      // sends and emits that wait for the generation to go live
	regs    registrations
	stored  settingsValues

	ctx  context.Context // ends with the session
	stop context.CancelFunc
}

// phase is where a generation stands.
type phase byte

const (
	staged phase = iota // initialize runs; nothing that it did is seen
	live
	closed
)

const (
	maxLane = 1024 // requests waiting in one lane
	maxHeld = 256  // sends and emits held while initialize runs
)

// Open makes a session and the room that it serves. The owner calls Start, then
// GoLive, and in any case Close.
func (d *Desk) Open(ctx context.Context, p Plugin, open func(bridge.State, bridge.Server) bridge.Room) (*Session, error) {
	p.Waits = p.Waits.withDefaults()
	s := &Session{Plugin: p, desk: d}
	s.ctx, s.stop = context.WithCancel(d.closing)
	s.grants.Store(&p.Grants)
	s.calls = calls{session: s, start: d.Clock.Now()}
	s.regs.events = map[uint32]string{}
	s.storage = lane[storageRequest]{run: s.serveStorage, bound: maxLane}
	s.sends = lane[sendRequest]{run: s.serveSends, bound: maxLane}
	s.events = lane[func()]{run: s.serveEvents, bound: maxLane}
	s.settings = lane[func(context.Context)]{run: s.serveSettings, bound: maxLane}
	var err error
	if s.stored, err = s.loadSettings(ctx); err != nil {
		s.stop()
		return nil, fmt.Errorf("load settings of %s: %w", p.Name, err)
	}
	s.room = open(s.state(), s)
	d.sessions.Add(1)
	return s, nil
}

// Start runs initialize and waits for its end. The error is a *bridge.Error of
// the plugin's, or why it could not be asked.
func (s *Session) Start(ctx context.Context) error {
	result, err := s.ask(ctx, Call{Kind: bridge.Initialize})
	if err != nil {
		return err
	}
	if result.Err != nil {
		return result.Err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused != nil {
		return s.refused
	}
	return nil
}

// ask makes a call and waits for its result.
func (s *Session) ask(ctx context.Context, init Call) (bridge.Result, error) {
	answer := make(chan bridge.Result, 1)
	init.Done = func(r bridge.Result) { answer <- r }
	if err := s.Call(init); err != nil {
		return bridge.Result{}, err
	}
	select {
	case r := <-answer:
		return r, nil
	case <-ctx.Done():
		return bridge.Result{}, context.Cause(ctx)
	}
}

// GoLive shows what the generation registered, starts its jobs, and lets out
// what it sent while initialize ran. It never blocks.
func (s *Session) GoLive() {
	s.mu.Lock()
	if s.phase != staged {
		s.mu.Unlock()
		return
	}
	// Under the lock, so that nothing the plugin does now gets ahead of it; an
	// act that was held only joins the end of a lane.
	for _, release := range s.held {
		release()
		s.desk.Busy.Add(-1)
	}
	s.held = nil
	s.phase = live
	jobs, refused := slices.Clone(s.regs.jobs), s.refused
	s.mu.Unlock()
	if refused != nil { // after initialize had ended: too late to fail it
		s.incident("registration", refused)
	}
	s.placeJobs(jobs...)
	s.settleSettings()
}

// hold keeps an act for GoLive, and reports whether it did: it does only while
// the generation is staged. full reports that no more can be kept.
func (s *Session) hold(release func()) (held, full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase != staged {
		return false, false
	}
	if len(s.held) >= maxHeld {
		return false, true
	}
	s.desk.Busy.Add(1)
	s.held = append(s.held, release)
	return true, false
}

// Retire takes the generation out of what is seen: its jobs stop. What it has
// started goes on.
func (s *Session) Retire() {
	s.desk.scheduler.remove(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.regs.jobs = nil
}

// Finish waits until the calls that have started are done, for as long as destroy
// may take: a generation that was replaced answers what it has begun.
func (s *Session) Finish(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer s.desk.Clock.AfterFunc(s.Waits.Destroy, cancel).Stop()
	// Why the wait ended makes no difference: what is left ends with the room.
	_ = s.calls.under.Wait(ctx)
}

// Close calls destroy where the room still runs, gives it its deadline, and ends
// the room whatever it does. It returns when nothing of the session is left.
func (s *Session) Close(ctx context.Context, destroy bool) error {
	if destroy && s.room.Err() == nil {
		// What destroy throws is an incident; the plugin goes all the same.
		_, _ = s.ask(ctx, Call{Kind: bridge.Destroy})
	}
	s.mu.Lock()
	already := s.phase == closed
	s.phase = closed
	held := len(s.held)
	s.held = nil
	s.regs = registrations{}
	s.summarize()
	s.mu.Unlock()
	if already {
		select {
		case <-s.room.Done():
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	s.desk.Busy.Add(-held)
	s.desk.scheduler.remove(s)
	err := s.room.Close(ctx)
	s.storage.close()
	s.stop() // a send that still waits for others is given up
	s.sends.close()
	s.events.close()
	s.settings.close()
	s.calls.close()
	if s.ended.Load() {
		s.desk.Busy.Add(-1)
	}
	s.desk.sessions.Done()
	return err
}

// Done is closed when the room has ended, by itself or by Close.
func (s *Session) Done() <-chan struct{} { return s.room.Done() }

// Err is why the room ended; nil while it runs.
func (s *Session) Err() error { return s.room.Err() }

// Allows reports whether the plugin has a permission now.
func (s *Session) Allows(resource, action string) bool {
	return s.grants.Load().Allows(resource, action)
}

// SetGrants replaces the grants at once, for calls and for deliveries, and
// pushes them to the guest. What no longer has its permission is removed.
func (s *Session) SetGrants(g packaging.Grants) {
	s.grants.Store(&g)
	s.mu.Lock()
	s.regs.revoke(g)
	s.summarize()
	s.mu.Unlock()
	s.room.Push(s.state())
}

// state is what the guest gets a copy of.
func (s *Session) state() bridge.State {
	grants := s.grants.Load()
	state := bridge.State{Grants: grants.Words()}
	if grants.Allows("settings", "read") {
		state.Settings = s.settingsJSON()
	}
	if grants.Allows("app", "read") {
		state.App = jsonOf(s.desk.App)
	}
	return state
}

func (s *Session) incident(where string, err *bridge.Error) { s.desk.Chat.Incident(s, where, err) }
