package lockdown

import (
	"errors"
	"runtime"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"
)

// ErrApplied says that Apply was called before in this process.
var ErrApplied = errors.New("lock down: it was done before in this process, and is done only once")

var applied atomic.Bool

// Apply locks this process down, all threads of it, for good. Call it once, from
// the worker's main goroutine, when everything that needs a file is open and what
// the worker always uses has been warmed up, and before the first byte of a
// plugin is looked at. Afterwards descriptors can be read, written and closed,
// and nothing opened, duplicated or made non-blocking.
//
// A layer that cannot be put up is no error: it is in the Report, and the caller
// decides (Report.Require). An error, ErrApplied or a limit that makes no sense,
// means that nothing was changed.
func Apply(limits Limits) (Report, error) { return apply(limits) }

// apply is Apply without some of the layers of the system, so that tests can
// lean on one wall at a time.
func apply(limits Limits, without ...Layer) (Report, error) {
	limits, err := limits.withDefaults()
	if err != nil {
		return Report{}, err
	}
	if applied.Swap(true) {
		return Report{}, ErrApplied
	}
	report := Report{System: runtime.GOOS + "/" + runtime.GOARCH}
	tameRuntime(limits)
	report.up(Collector, "memory limit %s, GOGC %d, stacks to %s, %d at once", inMegabytes(uint64(limits.Heap)),
		limits.GCPercent, inMegabytes(uint64(limits.Stack)), limits.Processors)
	applySystem(limits, &report, func(layer Layer) bool { return slices.Contains(without, layer) })
	report.sort()
	return report, nil
}

// tameRuntime sets what package runtime offers on every system.
func tameRuntime(limits Limits) {
	debug.SetMemoryLimit(limits.Heap)
	debug.SetGCPercent(limits.GCPercent)
	debug.SetMaxStack(limits.Stack)
	// A number that was set is also one that the runtime does not look up in
	// the cgroup's files later, when it can no longer read them.
	runtime.GOMAXPROCS(limits.Processors)
	// The time zone is read from a file at its first use, which would find the
	// file closed and be UTC from then on.
	_ = time.Now().Local().String()
}
