package lockdown

import (
	"fmt"
	"strconv"
	"strings"
)

// statm is what this package reads of /proc/PID/statm, in pages.
type statm struct {
	mapped   uint64
	resident uint64
	shared   uint64 // of resident: pages of files and of memory made to be shared
}

// private is what no other process could be holding as well. The filter refuses
// shared memory, so a worker cannot hide behind the difference.
func (s statm) private() uint64 { return s.resident - min(s.shared, s.resident) }

func parseStatm(text []byte) (statm, error) {
	fields := strings.Fields(string(text))
	if len(fields) < 3 {
		return statm{}, fmt.Errorf("found %d fields, wanted 3 or more", len(fields))
	}
	var numbers [3]uint64
	for i := range numbers {
		n, err := strconv.ParseUint(fields[i], 10, 50) // times a page still fits
		if err != nil {
			return statm{}, fmt.Errorf("field %d: %w", i+1, err)
		}
		numbers[i] = n
	}
	return statm{mapped: numbers[0], resident: numbers[1], shared: numbers[2]}, nil
}
