package host

import (
	"strings"

	"github.com/innkeeper-host/innkeeper/bridge"
)

// subscribe serves on and once.
func (s *Session) subscribe(id uint32, d *bridge.Decoder) *bridge.Error {
	name := d.String()
	if err := d.Err(); err != nil {
		return crossing(err)
	}
	resource, action, refusal := bridge.EventPermission(s.Name, name)
	if refusal != nil {
		return refusal
	}
	if resource != "" && !s.Allows(resource, action) {
		return bridge.Denied(resource, action)
	}
	return s.add(func(r *registrations) { r.events[id] = name })
}

func (r *registrations) hears(event string) bool {
	for _, name := range r.events {
		if name == event {
			return true
		}
	}
	return false
}

// HearsEvent reports whether the plugin listens to an event, with the
// permissions that it has now.
func (s *Session) HearsEvent(name string) bool {
	s.mu.Lock()
	hears := s.regs.hears(name)
	s.mu.Unlock()
	if !hears {
		return false
	}
	resource, action, err := bridge.EventPermission(s.Name, name)
	return err == nil && (resource == "" || s.Allows(resource, action))
}

// emit serves emit: a plugin emits in its own namespace only, and the host says
// who did.
func (s *Session) emit(r bridge.Request, d *bridge.Decoder, reply func(bridge.Result)) {
	name, data := d.String(), d.JSON()
	if err := d.Err(); err != nil {
		reply(malformed(err))
		return
	}
	own := "plugin:" + s.Name + ":"
	if !strings.HasPrefix(name, own) || len(name) == len(own) || len(name) > bridge.MaxEventName {
		reply(fail(bridge.Errorf(bridge.TypeErrorName, "emit %q: a plugin emits only its own events, %sEVENT", name, own)))
		return
	}
	hops := s.calls.origin(r.Cause).Hops + 1
	if hops > s.desk.Hops {
		err := bridge.Errorf(bridge.LoopErrorName, "emit: %d plugins already answered each other; the chain ends here", s.desk.Hops)
		s.incident("emit", err)
		reply(fail(err))
		return
	}
	tell := func() { s.desk.Chat.Emit(s, name, data, hops) }
	switch held, full := s.hold(func() { s.queueEvent(tell) }); {
	case full:
		reply(fail(bridge.Errorf(bridge.BusyErrorName, "emit: %d events are held while initialize runs", maxHeld)))
		return
	case !held && !s.queueEvent(tell):
		reply(fail(bridge.Errorf(bridge.BusyErrorName, "emit: too many events are waiting")))
		return
	}
	reply(bridge.Result{})
}

// queueEvent tells an event behind those that the plugin told before. A lane of
// its own does it: telling looks at every plugin, the sender included, and a
// generation that goes live lets out what it held while nobody may look.
func (s *Session) queueEvent(tell func()) bool {
	s.desk.Busy.Add(1)
	if !s.events.put(tell) {
		s.desk.Busy.Add(-1)
		return false
	}
	return true
}

func (s *Session) serveEvents(batch []func()) {
	for _, tell := range batch {
		tell()
		s.desk.Busy.Add(-1)
	}
}

// EventArgs are the args of an Event call.
func EventArgs(name, source, data string) bridge.Payload {
	var e bridge.Encoder
	e.String(name)
	e.String(source)
	if data == "" {
		e.Undefined()
	} else {
		e.JSON(data)
	}
	return e.Payload()
}
