package lockdown

import (
	"fmt"
	"time"
)

const megabyte = 1 << 20

// Limits are the figures of a lock-down. A field that is zero has its default;
// the zero Limits are therefore the ones that were measured to let good plugins
// live (50 MB of data in use, and churn) and to end bad ones.
type Limits struct {
	// AddressSpace is how many bytes may be mapped beyond what is mapped when
	// Apply is called. The Go heap grows in arenas of 64 MB, so less than 256
	// MB ends good plugins. Default 384 MB (8 GB under the race detector).
	AddressSpace uint64 `json:"addressSpace,omitempty"`
	// Memory is how many bytes of its own a worker may use beyond those at the
	// time of Watch before Watch reports it. Default 130 MB (1,040 MB under
	// the race detector).
	Memory uint64 `json:"memory,omitempty"`
	// SampleEvery is the pause between two looks of Watch. Default 10 ms.
	SampleEvery time.Duration `json:"sampleEvery,omitempty"`
	// Heap is the size in bytes from which the collector works harder
	// (GOMEMLIMIT). Default 100 MB.
	Heap int64 `json:"heap,omitempty"`
	// GCPercent is GOGC. Default 50.
	GCPercent int `json:"gcPercent,omitempty"`
	// Stack is the most bytes that one goroutine's stack may grow to.
	// Default 64 MB.
	Stack int `json:"stack,omitempty"`
	// Processors is how many threads run Go code at once. Default 1.
	Processors int `json:"processors,omitempty"`
	// Descriptors is the number that every new descriptor must be below. Those
	// that are open stay. Default 64.
	Descriptors uint64 `json:"descriptors,omitempty"`
	// Nice is the niceness of every thread, 1 to 19; a process that is nicer
	// stays so. Default 10.
	Nice int `json:"nice,omitempty"`
	// OOMScore is the oom_score_adj, 1 to 1000: the higher, the earlier the
	// kernel ends this process when memory runs out. Default 900.
	OOMScore int `json:"oomScore,omitempty"`
}

// withDefaults fills the zero fields and refuses what makes no sense.
func (l Limits) withDefaults() (Limits, error) {
	fill(&l.AddressSpace, standardAddressSpace)
	fill(&l.Memory, standardMemory)
	fill(&l.SampleEvery, 10*time.Millisecond)
	fill(&l.Heap, 100*megabyte)
	fill(&l.GCPercent, 50)
	fill(&l.Stack, 64*megabyte)
	fill(&l.Processors, 1)
	fill(&l.Descriptors, 64)
	fill(&l.Nice, 10)
	fill(&l.OOMScore, 900)
	for _, rule := range []struct {
		name     string
		value    int64
		min, max int64
	}{
		{"addressSpace", int64(l.AddressSpace), 16 * megabyte, 1 << 46},
		{"memory", int64(l.Memory), megabyte, 1 << 46},
		{"sampleEvery", int64(l.SampleEvery), int64(time.Millisecond), int64(time.Minute)},
		{"heap", l.Heap, megabyte, 1 << 46},
		{"gcPercent", int64(l.GCPercent), 1, 10_000},
		{"stack", int64(l.Stack), 64 << 10, 1 << 30},
		{"processors", int64(l.Processors), 1, 1024},
		{"descriptors", int64(l.Descriptors), 8, 1 << 20},
		{"nice", int64(l.Nice), 1, 19},
		{"oomScore", int64(l.OOMScore), 1, 1000},
	} {
		if rule.value < rule.min || rule.value > rule.max {
			return l, fmt.Errorf("lock down: limit %s is %d; wanted %d to %d, or 0 for the default",
				rule.name, rule.value, rule.min, rule.max)
		}
	}
	return l, nil
}

func fill[T comparable](field *T, standard T) {
	var zero T
	if *field == zero {
		*field = standard
	}
}

func inMegabytes(n uint64) string { return fmt.Sprintf("%d MB", n/megabyte) }
