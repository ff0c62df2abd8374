package innkeeper

import (
	"time"

	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// Observer is told of everything that happens. Observe is called from many
// goroutines at once, also while the host holds locks: it must not block, and
// must not call the Host.
type Observer interface {
	Observe(Event)
}

// ObserverFunc is a function as an Observer.
type ObserverFunc func(Event)

// Observe calls f.
func (f ObserverFunc) Observe(e Event) { f(e) }

// EventType says what happened.
type EventType string

// The types of an Event, and the fields that each has beside Time.
const (
	// EventState: Plugin is in State, for Reason.
	EventState EventType = "state"
	// EventGranted: Plugin was granted Grants of what its Manifest asks for, and
	// is about to start.
	EventGranted EventType = "granted"
	// EventError: Err happened in Plugin and no caller sees it.
	EventError EventType = "error"
	// EventMessage: Message was accepted; Plugin sent it, or "" for a person.
	EventMessage EventType = "message"
	// EventRejected: Message of Plugin ("" for a person) was refused with Err.
	EventRejected EventType = "rejected"
	// EventBusy: Plugin did not take a call, because too many wait for it.
	EventBusy EventType = "busy"
	// EventReloaded: Plugin was reloaded; the new generation is live.
	EventReloaded EventType = "reloaded"
)

// Event is one thing that happened. Its Type says which of the fields it has.
type Event struct {
	Time     time.Time // by Options.Clock
	Type     EventType
	Plugin   string // its name; "" where it is about no plugin
	State    State
	Reason   string              // for people; of EventBusy, the kind of call
	Grants   []string            // "resource:action"
	Manifest *packaging.Manifest // not to be changed
	Err      error               // of a plugin's own code: a *PluginError
	Message  *chat.Message       // not to be changed
}
