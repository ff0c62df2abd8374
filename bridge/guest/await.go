package guest

import (
	"runtime"
	"strings"
)

// awaited reports whether the engine itself is looking a property up, because a
// plugin awaits the object that has it. The engine asks every awaited object for
// its constructor, where the language asks promises only, and the trap of a Proxy
// is told nothing that would set the two apart; what called it does.
func awaited() bool {
	var callers [8]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, ".promiseResolve") {
			return true
		}
		if !more {
			return false
		}
	}
}
