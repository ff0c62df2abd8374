package host

import (
	"slices"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// maxRegistrations bounds what one generation has registered at once.
const maxRegistrations = 1000

// registrations are what one generation has registered. The Session's lock
// guards them.
type registrations struct {
	listens      []listen
	interceptors []interceptor
	intercepted  int // interceptors registered so far; names them
	events       map[uint32]string
	commands     []command
	jobs         []*job
	components   []component
	menu         []menuItem
	settings     *settingsForm
	changes      []uint32 // onSettingsChange
}

type listen struct {
	id      uint32
	plugins bool
}

type interceptor struct {
	id       uint32
	name     string // stands for it in Call.Name
	priority float64
	reject   bool
}

type command struct {
	id uint32
	chat.Command
}

type component struct {
	id uint32
	chat.Component
}

type menuItem struct {
	id uint32
	chat.MenuItem
}

type settingsForm struct {
	id     uint32
	schema chat.Schema
}

func (r *registrations) count() int {
	return len(r.listens) + len(r.interceptors) + len(r.events) + len(r.commands) + len(r.jobs) + len(r.components) + len(r.menu) + len(r.changes)
}

// register serves the acts that register. A refusal fails initialize while the
// generation is staged; later the registration is left out and the refusal told.
func (s *Session) register(r bridge.Request, d *bridge.Decoder) {
	id := d.ID()
	err := s.tryRegister(r.Op, id, d)
	if err == nil {
		return
	}
	s.mu.Lock()
	first := s.phase == staged
	if first && s.refused == nil {
		s.refused = err
	}
	s.mu.Unlock()
	if !first {
		s.incident(string(r.Op), err)
	}
}

func (s *Session) tryRegister(op bridge.Op, id uint32, d *bridge.Decoder) *bridge.Error {
	s.mu.Lock()
	full := s.regs.count() >= maxRegistrations
	s.mu.Unlock()
	if full {
		return bridge.Errorf(bridge.BusyErrorName, "%s: a plugin may have %d registrations at once", op, maxRegistrations)
	}
	switch op {
	case bridge.OpListen:
		return s.listen(id, d)
	case bridge.OpIntercept:
		return s.intercept(id, d)
	case bridge.OpSubscribe:
		return s.subscribe(id, d)
	case bridge.OpSettingsRegister:
		return s.registerSettings(id, d)
	case bridge.OpSettingsListen:
		return s.listenSettings(id)
	case bridge.OpCommand:
		return s.registerCommand(id, d)
	case bridge.OpSchedule:
		return s.schedule(id, d)
	case bridge.OpComponent:
		return s.registerComponent(id, d)
	case bridge.OpMenuItem:
		return s.addMenuItem(id, d)
	default:
		return bridge.Errorf(bridge.NotSupportedErrorName, "%s is not offered by this version", op)
	}
}

// add changes the registrations under the lock, unless the session is closed.
func (s *Session) add(change func(*registrations)) *bridge.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == closed {
		return bridge.Errorf("Error", "%s", bridge.ErrClosed)
	}
	change(&s.regs)
	s.summarize()
	return nil
}

// What a Session wants to see of messages, for a look without its lock: a host
// asks a thousand sessions for every message.
const (
	hearsPeople = 1 << iota
	hearsPlugins
	intercepts
)

// summarize keeps the summary true; the lock is held.
func (s *Session) summarize() {
	var bits uint32
	for _, l := range s.regs.listens {
		bits |= hearsPeople
		if l.plugins {
			bits |= hearsPlugins
		}
	}
	if s.regs.hears("message") {
		bits |= hearsPeople
	}
	if len(s.regs.interceptors) > 0 {
		bits |= intercepts
	}
	s.summary.Store(bits)
}

// dispose takes back the registration of an id; an unknown one is no error.
func (s *Session) dispose(id uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.summarize()
	r := &s.regs
	r.listens = slices.DeleteFunc(r.listens, func(x listen) bool { return x.id == id })
	r.interceptors = slices.DeleteFunc(r.interceptors, func(x interceptor) bool { return x.id == id })
	delete(r.events, id)
	r.commands = slices.DeleteFunc(r.commands, func(x command) bool { return x.id == id })
	r.components = slices.DeleteFunc(r.components, func(x component) bool { return x.id == id })
	r.menu = slices.DeleteFunc(r.menu, func(x menuItem) bool { return x.id == id })
	r.changes = slices.DeleteFunc(r.changes, func(x uint32) bool { return x == id })
	if r.settings != nil && r.settings.id == id {
		r.settings = nil
	}
	for _, j := range r.jobs {
		if j.id == id {
			s.removeJob(j)
		}
	}
	r.jobs = slices.DeleteFunc(r.jobs, func(x *job) bool { return x.id == id })
}

// revoke removes what the grants no longer allow.
func (r *registrations) revoke(g packaging.Grants) {
	if !g.Allows("messages", "read") {
		r.listens, r.interceptors = nil, nil
	}
	if !g.Allows("messages", "intercept") {
		r.interceptors = nil
	}
	if !g.Allows("commands", "register") {
		r.commands = nil
	}
	if !g.Allows("schedule", "register") {
		r.jobs = nil
	}
	if !g.Allows("ui", "components") {
		r.components = nil
	}
	if !g.Allows("ui", "menu") {
		r.menu = nil
	}
	if !g.Allows("settings", "read") {
		r.settings, r.changes = nil, nil
	}
}

// handler is the guest's number of what a call names.
func (s *Session) handler(kind bridge.Kind, name string) (uint32, bool) {
	switch kind {
	case bridge.Command, bridge.Job, bridge.Click, bridge.Intercept:
	default:
		return 0, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch kind {
	case bridge.Command:
		for _, c := range s.regs.commands {
			if c.Name == name {
				return c.id, true
			}
		}
	case bridge.Job:
		for _, j := range s.regs.jobs {
			if j.key == name {
				return j.id, true
			}
		}
	case bridge.Click:
		for _, m := range s.regs.menu {
			if m.ID == name {
				return m.id, true
			}
		}
	case bridge.Intercept:
		for _, i := range s.regs.interceptors {
			if i.name == name {
				return i.id, true
			}
		}
	}
	return 0, false
}

// Interceptor is one interceptor as the root sees it.
type Interceptor struct {
	Name     string // for Call.Name
	Priority float64
	Reject   bool // the message is rejected where the interceptor fails
}

// Interceptors lists them in the order of registering.
func (s *Session) Interceptors() []Interceptor {
	if s.summary.Load()&intercepts == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Interceptor, len(s.regs.interceptors))
	for i, x := range s.regs.interceptors {
		out[i] = Interceptor{x.name, x.priority, x.reject}
	}
	return out
}

// Contributions adds what the plugin contributes to c.
func (s *Session) Contributions(c *chat.Contributions) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.regs.components {
		c.Components = append(c.Components, x.Component)
	}
	for _, x := range s.regs.menu {
		c.MenuItems = append(c.MenuItems, x.MenuItem)
	}
	for _, x := range s.regs.commands {
		c.Commands = append(c.Commands, x.Command)
	}
	if s.regs.settings != nil {
		c.Settings = append(c.Settings, chat.Settings{Plugin: s.Name, Schema: s.regs.settings.schema})
	}
}
