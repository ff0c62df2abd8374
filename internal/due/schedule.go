package due

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the zones, for hosts that have no zone files
)

// Spec is when a job wants to run, in its author's words. Exactly one of Cron,
// At and Every is given.
type Spec struct {
	// Cron is a crontab line of five fields (minute, hour, day of month, month,
	// day of week), or @hourly, @daily, @weekly, @monthly or @yearly.
	Cron string
	// At is one moment: ISO 8601 with a time of day. Without an offset it is
	// wall time in TimeZone.
	At string
	// Every is a length of time: "90s", "5m", "1h30m", "2d", or a number of
	// milliseconds.
	Every string
	// TimeZone is an IANA name such as "Europe/Berlin"; empty means UTC.
	TimeZone string
}

// Schedule is a Spec that was checked. It is immutable and may be used by any
// number of goroutines.
type Schedule struct {
	next func(after time.Time) (time.Time, bool)
}

// Next is the first moment later than after at which the job is due; ok is false
// where there is none. It depends on nothing but after: hosts that restart, or
// several that share a job, come to the same moments.
//
// Years past 9999 cannot be written in RFC 3339, and are never due.
func (s *Schedule) Next(after time.Time) (due time.Time, ok bool) {
	if after.Before(earliest) {
		after = earliest
	}
	if after.After(latest) {
		return time.Time{}, false
	}
	due, ok = s.next(after.Round(0)) // the wall clock alone
	if !ok || due.After(latest) {
		return time.Time{}, false
	}
	return due, true
}

// Between these lies every moment that the calendar's arithmetic is meant for.
var (
	earliest = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC)
)

// Parse checks a Spec. The error says which member is wrong, what was found and
// what was wanted.
func Parse(s Spec) (*Schedule, error) {
	var given []string
	for _, member := range []struct{ name, value string }{{"cron", s.Cron}, {"at", s.At}, {"every", s.Every}} {
		if member.value != "" {
			given = append(given, member.name)
		}
	}
	switch len(given) {
	case 1:
	case 0:
		return nil, fmt.Errorf("read schedule: found none of cron, at and every, wanted one of them")
	default:
		return nil, fmt.Errorf("read schedule: found %s, wanted only one of cron, at and every", strings.Join(given, " and "))
	}
	zone, err := loadZone(s.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("read schedule: %w", err)
	}
	var next func(time.Time) (time.Time, bool)
	switch {
	case s.Cron != "":
		next, err = parseCron(s.Cron, zone)
	case s.At != "":
		next, err = parseAt(s.At, zone)
	case s.TimeZone != "":
		// Ignoring it would let "every 1d in Berlin" pass for "at midnight".
		err = fmt.Errorf("timeZone: found %s beside every, which counts elapsed time in no zone; wanted none, or cron in place of every", shown(s.TimeZone))
	default:
		next, err = parseEvery(s.Every)
	}
	if err != nil {
		return nil, fmt.Errorf("read schedule: %w", err)
	}
	return &Schedule{next: next}, nil
}

// shown quotes foreign text for an error, cut to a length that suits one.
func shown(text string) string {
	const most = 80
	if len(text) > most {
		return fmt.Sprintf("%.*q…", most, text)
	}
	return fmt.Sprintf("%q", text)
}
