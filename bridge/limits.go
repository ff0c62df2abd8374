package bridge

import "time"

// Limits bound one generation. A zero field means the room's own, named behind
// it: package jsruntime has the figures.
type Limits struct {
	Running  time.Duration // JavaScript executing for one entry into the VM: 5 s, at most 60 s
	Work     int           // calls waiting to start: 1,024
	Requests int           // host calls without an answer: 1,024
	Timers   int           // timers set: 1,000
	LogRate  float64       // log lines a second, with a burst of ten times that: 20
}
