package innkeeper

import (
	"log/slog"
	"time"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/bridge/host"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/internal/clock"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// Options configure a Host. App and Dir are needed; every other zero value means
// the contract's default.
type Options struct {
	// App is the chat server.
	App chat.App
	// Dir is the data directory: storage, settings, installed packages. It is
	// made where it is missing. One host at a time may have it.
	Dir string
	// Policy says what plugins are granted; the zero Policy grants nothing.
	Policy Policy
	// SecretKey is 32 bytes, in hex or base64, that seal secret settings. Keep
	// it outside of Dir. Without it, plugins with secret settings are refused.
	SecretKey []byte

	// Logger gets what plugins log and what the host has to say; nil means
	// slog.Default.
	Logger *slog.Logger
	// Observer is told of everything that happens; nil means nobody is.
	Observer Observer

	// Limits bound each plugin.
	Limits Limits
	// PackageLimits bound what is read as a package.
	PackageLimits packaging.Limits
	// Clock is the time of timers, schedules and deadlines; nil means the
	// machine's. Tests drive one of their own.
	Clock Clock
}

// Clock tells the time and runs functions later.
type Clock = clock.Clock

// Limits bound what each plugin may use. A zero field means the default that is
// named behind it.
type Limits struct {
	Running    time.Duration // JavaScript executing for one entry: 5 s, at most 60 s
	Initialize time.Duration // initialize with its awaits: 10 s
	Destroy    time.Duration // destroy with its awaits: 5 s
	Intercept  time.Duration // one interceptor: 1 s
	Chain      time.Duration // all interceptors of one message: 2 s
	Handler    time.Duration // every other handler with its awaits: 60 s

	Work     int     // calls waiting for one plugin: 1,024
	Requests int     // host calls of one plugin without an answer: 1,024
	Timers   int     // timers of one plugin: 1,000
	LogRate  float64 // log lines of one plugin a second: 20
	Hops     int     // plugins that one chain of messages may pass: 8

	// Restarts within RestartWindow after which a plugin that keeps ending is
	// left in StateError: 5 in 60 s.
	Restarts      int
	RestartWindow time.Duration
}

func (l Limits) withDefaults() Limits {
	if l.Chain <= 0 {
		l.Chain = 2 * time.Second
	}
	if l.Restarts <= 0 {
		l.Restarts = 5
	}
	if l.RestartWindow <= 0 {
		l.RestartWindow = time.Minute
	}
	return l
}

func (l Limits) room() bridge.Limits {
	return bridge.Limits{Running: l.Running, Work: l.Work, Requests: l.Requests, Timers: l.Timers, LogRate: l.LogRate}
}

func (l Limits) waits() host.Waits {
	return host.Waits{Initialize: l.Initialize, Destroy: l.Destroy, Intercept: l.Intercept, Handler: l.Handler}
}
