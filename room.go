package innkeeper

import (
	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/bridge/guest"
	"github.com/innkeeper-host/innkeeper/internal/clock"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

// roomOpener makes the place where a generation runs.
type roomOpener func(bridge.Setup, bridge.Server) bridge.Room

// programBytes bounds the code whose compiled form a host keeps.
const programBytes = 64 << 20

func newRoomOpener(c clock.Clock) roomOpener {
	o := guest.Options{Clock: c, Programs: jsruntime.NewPrograms(programBytes)}
	return func(s bridge.Setup, server bridge.Server) bridge.Room { return guest.Open(s, server, o) }
}

// RunWorker must be the first call in main: a program that was started again as
// the room of one plugin serves it there and never returns. In every other
// process it returns at once. Plugins run in the host's own process in this
// version; the call is in its place for when they no longer do.
func RunWorker() {}
