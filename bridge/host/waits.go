package host

import (
	"time"

	"github.com/innkeeper-host/innkeeper/bridge"
)

// Waits are the waiting limits by kind of call; a zero field means the
// contract's.
type Waits struct {
	Initialize time.Duration // 10 s
	Destroy    time.Duration // 5 s
	Intercept  time.Duration // 1 s
	Handler    time.Duration // 60 s, all other handlers
}

func (w Waits) withDefaults() Waits {
	set := func(d *time.Duration, otherwise time.Duration) {
		if *d <= 0 {
			*d = otherwise
		}
	}
	set(&w.Initialize, 10*time.Second)
	set(&w.Destroy, 5*time.Second)
	set(&w.Intercept, time.Second)
	set(&w.Handler, 60*time.Second)
	return w
}

func (w Waits) of(k bridge.Kind) time.Duration {
	switch k {
	case bridge.Initialize:
		return w.Initialize
	case bridge.Destroy:
		return w.Destroy
	case bridge.Intercept:
		return w.Intercept
	default:
		return w.Handler
	}
}
