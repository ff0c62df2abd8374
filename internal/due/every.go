package due

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Bounds of Every.
const (
	minEvery = time.Second
	day      = 24 * time.Hour
	maxEvery = 366 * day
)

// parseEvery reads a length of time. The moments are the multiples of it since
// the Unix epoch, not since the job was registered: so a restart does not shift
// them, and nothing needs to be remembered. "1d" is midnight in UTC. The first
// run comes after any part of the length.
func parseEvery(text string) (func(time.Time) (time.Time, bool), error) {
	every, ok := readEvery(text)
	if !ok {
		return nil, fmt.Errorf(`every: found %s, wanted a length of time such as "90s", "5m", "1h30m" or "2d", or a number of milliseconds`, shown(text))
	}
	if every < minEvery || every > maxEvery {
		return nil, fmt.Errorf("every: found %s, wanted at least 1s and at most 366d", shown(text))
	}
	epoch := time.Unix(0, 0).UTC()
	// Truncate counts from the year 1, with more than 64 bits.
	anchor := epoch.Sub(epoch.Truncate(every))
	return func(after time.Time) (time.Time, bool) {
		last := after.UTC().Add(-anchor).Truncate(every).Add(anchor)
		return last.Add(every), true
	}, nil
}

// readEvery reads a number of days, a duration of Go's or both, or milliseconds.
// What is too long for a Duration comes back as one past the bound.
func readEvery(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if text == "" || text[0] == '-' || text[0] == '+' {
		return 0, false
	}
	if digits(text) {
		ms, err := strconv.ParseInt(text, 10, 64)
		if err != nil || ms > maxEvery.Milliseconds() {
			return maxEvery + 1, true
		}
		return time.Duration(ms) * time.Millisecond, true
	}
	var days time.Duration
	if number, rest, found := strings.Cut(text, "d"); found {
		if !digits(number) {
			return 0, false
		}
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || n > int64(maxEvery/day) {
			return maxEvery + 1, true
		}
		days = time.Duration(n) * day
		if text = strings.TrimSpace(rest); text == "" {
			return days, true
		}
		if text[0] == '-' || text[0] == '+' {
			return 0, false
		}
	}
	more, err := time.ParseDuration(text)
	if err != nil {
		return 0, false
	}
	if more > maxEvery {
		return maxEvery + 1, true
	}
	return days + more, true
}

func digits(text string) bool {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return text != ""
}
