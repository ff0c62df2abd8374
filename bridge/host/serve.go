package host

import "github.com/innkeeper-host/innkeeper/bridge"

// Serve implements bridge.Server: it finds the capability, whose file checks the
// permission and acts.
func (s *Session) Serve(r bridge.Request, reply func(bridge.Result)) {
	if reply == nil {
		reply = func(bridge.Result) {}
	}
	decoder := r.Args.Decode()
	d := &decoder
	switch r.Op {
	case bridge.OpSend:
		s.send(r, d, reply)
	case bridge.OpEmit:
		s.emit(r, d, reply)
	case bridge.OpStorageGet, bridge.OpStorageSet, bridge.OpStorageDelete, bridge.OpStorageKeys, bridge.OpStorageEntries,
		bridge.OpStorageSwap, bridge.OpStorageAdd, bridge.OpStorageClear, bridge.OpStorageUsage:
		s.store(r, d, reply)
	case bridge.OpSettingsSet:
		s.setSettings(r.Cause, d, reply)
	case bridge.OpDispose:
		s.dispose(d.ID())
	case bridge.OpLog:
		s.log(d)
	case bridge.OpReport:
		s.reported(d)
	default:
		s.register(r, d)
	}
}

// Busy implements bridge.Server.
func (s *Session) Busy(busy bool) {
	if busy {
		s.desk.Busy.Add(1)
	} else {
		s.desk.Busy.Add(-1)
	}
}

// Ended implements bridge.Server. Until the session is closed, and so its end
// dealt with, something is under way: a restart may be about to follow.
func (s *Session) Ended() {
	s.ended.Store(true)
	s.desk.Busy.Add(1)
}
