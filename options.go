package innkeeper

import (
	"log/slog"

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
	// SecretKey seals secret settings: the text of 32 random bytes, in hex or in
	// base64. Keep it outside of Dir. Without it, plugins with secret settings
	// are refused.
	SecretKey []byte

	// Logger gets what plugins log and what the host has to say; nil means
	// slog.Default.
	Logger *slog.Logger
	// Observer is told of everything that happens; nil means nobody is.
	Observer Observer

	// Limits bound each plugin; what PluginLimits sets for a plugin's name goes
	// before them.
	Limits       Limits
	PluginLimits map[string]Limits
	// PackageLimits bound what is read as a package.
	PackageLimits packaging.Limits
	// Clock is the time of timers, schedules and deadlines; nil means the
	// machine's. Tests drive one of their own.
	Clock Clock
}

type (
	// Clock tells the time and runs functions later.
	Clock = clock.Clock
	// Timer is one function that a Clock is to run.
	Timer = clock.Timer
)
