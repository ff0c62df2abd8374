package bridge

import (
	"context"
	"errors"
)

// Reasons why a Room did not take a call, or ended.
var (
	// ErrBusy: the work lane is full; the call was not taken.
	ErrBusy = errors.New("plugin is too busy")
	// ErrClosed: the room was closed by the host.
	ErrClosed = errors.New("plugin was stopped")
	// ErrTimedOut: JavaScript ran longer than the running limit.
	//lint:ignore ST1005 the contract's words
	ErrTimedOut = errors.New("Plugin execution timed out")
)

// Room is where one generation of one plugin runs: a VM in this process
// (bridge/guest), or a child process. Its methods may be called from any
// goroutine.
type Room interface {
	// Post hands a call to the plugin. Calls start in the order of their Post;
	// initialize and destroy go ahead of all others. done is called exactly
	// once, from any goroutine, and must not block: with the call's Result, or
	// with a Fatal error when the room ended first. Where Post returns an error
	// (ErrBusy, or why the room ended), done is never called.
	Post(c Call, done func(Result)) error

	// Push replaces the guest's copy of the state before any later call starts.
	Push(s State)

	// Abandon forgets the call of that cause: its late answer is discarded and
	// its done function, if it was not called yet, never is.
	Abandon(c Cause)

	// Drain takes back the calls that have not started, in order, with their
	// done functions; it is for moving them to the next generation.
	Drain() []Waiting

	// Close ends the room whatever it is doing and waits until nothing of it is
	// left, or until ctx ends. Calls in flight get a Fatal ErrClosed. Closing
	// twice is allowed.
	Close(ctx context.Context) error

	// Done is closed when the room has ended, by itself or by Close.
	Done() <-chan struct{}

	// Err is why the room ended; nil before Done is closed.
	Err() error
}

// Waiting is a call that Room.Drain took back.
type Waiting struct {
	Call Call
	Done func(Result)
}

// Server is the host's half as a Room sees it. The Room calls it for every
// Request of its plugin, in the order in which the plugin made them, from one
// goroutine at a time; Serve must not block. reply is nil for acts that have no
// answer; else it is called exactly once, from any goroutine.
type Server interface {
	Serve(r Request, reply func(Result))

	// Busy tells whether work is left in the room that no open call stands for
	// (a timeout that is due later).
	Busy(busy bool)

	// Ended tells that the room has ended, by itself or by Close, before any of
	// its open calls is failed for it. It is called once and must not block.
	Ended()
}

// State is what the host pushes to the guest.
type State struct {
	// Grants are "resource:action" words.
	Grants []string
	// Settings is the JSON of the stored values by field name, secrets in plain
	// text.
	Settings string
	// App is the JSON of context.app, "" without app:read.
	App string
}

// Setup is all that a Room needs to start a generation.
type Setup struct {
	Plugin  string // name
	Version string
	// Code is the bundle: a script whose value is a function that returns the
	// entry module's exports. CodeKey names the code for the program cache.
	Code      string
	CodeKey   string
	SourceMap []byte
	State     State
	Limits    Limits
}
