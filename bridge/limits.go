package bridge

import "time"

// Limits bound one generation. A zero field means its default.
type Limits struct {
	Running  time.Duration // JavaScript executing for one entry into the VM: 5 s, at most 60 s
	Work     int           // calls waiting to start: 1,024
	Requests int           // host calls without an answer: 1,024
	Timers   int           // timers set: 1,000
	LogRate  float64       // log lines a second, with a burst of ten times that: 20
}

// MaxRunning is the longest running limit that may be set.
const MaxRunning = 60 * time.Second

// WithDefaults fills the zero fields.
func (l Limits) WithDefaults() Limits {
	if l.Running <= 0 {
		l.Running = 5 * time.Second
	}
	l.Running = min(l.Running, MaxRunning)
	if l.Work <= 0 {
		l.Work = 1024
	}
	if l.Requests <= 0 {
		l.Requests = 1024
	}
	if l.Timers <= 0 {
		l.Timers = 1000
	}
	if l.LogRate <= 0 {
		l.LogRate = 20
	}
	return l
}
