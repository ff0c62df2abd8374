// Package clock is the one source of time for everything that waits: timers,
// schedules, expiry, deadlines. Code that asks a Clock instead of package time
// can be tested without sleeping.
//
// Vocabulary:
//
//   - Clock: tells the time and runs a function later.
//   - Timer: one function that is to run later; it can be stopped or moved.
//   - System: the machine's clock.
//   - Fake: a clock that stands still until a test advances it.
//
// It must never know what is waited for: no plugin, room or job is named here.
package clock

import "time"

// Clock tells the time and runs functions later. All methods may be called
// from any goroutine.
type Clock interface {
	// Now is the present moment.
	Now() time.Time
	// AfterFunc runs f once, d from now, and not at all if the Timer is
	// stopped first. System runs f on a goroutine of its own; Fake on the
	// goroutine that calls Advance. A d of zero or less is due at once; even
	// then f never runs inside AfterFunc, so it is safe to call under a lock.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is one pending function. Its methods may be called from any goroutine,
// the function itself included.
type Timer interface {
	// Stop keeps the function from running. It reports whether it did so:
	// false means that the function has been started or was stopped before.
	// It does not wait for a function that has been started.
	Stop() bool
	// Reset makes the function run (again) d from now. It reports whether the
	// timer was pending.
	Reset(d time.Duration) bool
}

// System is the machine's clock. Its timers follow the monotonic clock, so a
// changed wall clock does not move them.
var System Clock = system{}

type system struct{}

func (system) Now() time.Time { return time.Now() }

func (system) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }
