package jsruntime

import (
	"errors"

	"github.com/dop251/goja"
)

// EndError is a Reason for which a Runtime ended by itself, with the place where
// its JavaScript was: a loop without an end should be found by more than guessing.
type EndError struct {
	Reason error   // ErrTimedOut or ErrStackOverflow
	Frames []Frame // innermost first, in the plugin's own source lines; the line of
	// the first may be that of its function: an empty loop has none of its own
}

func (e *EndError) Error() string { return e.Reason.Error() }
func (e *EndError) Unwrap() error { return e.Reason }

// Stack is the frames, one a line.
func (e *EndError) Stack() string { return (&Error{Frames: e.Frames}).Stack() }

// maxEndFrames bounds the frames of an EndError: of calls that are nested without
// an end, more than a few say the same again.
const maxEndFrames = 10

func (v *VM) ended(reason error, stack []goja.StackFrame) error {
	if !errors.Is(reason, ErrTimedOut) && !errors.Is(reason, ErrStackOverflow) {
		return reason // the host's own wish: there is nothing to find
	}
	frames := v.frames(stack)
	return &EndError{reason, frames[:min(len(frames), maxEndFrames)]}
}
