package due

import (
	"fmt"
	"sort"
	"time"
)

// loadZone finds a time zone by its IANA name; the empty name is UTC.
func loadZone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	// "Local" is the host's own: the same plugin would run at other times
	// elsewhere. Other characters are in no zone's name and could be in a path's.
	if plainZone(name) && name != "Local" {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	return nil, fmt.Errorf(`timeZone: found %s, wanted an IANA name such as "Europe/Berlin" or "UTC"`, shown(name))
}

func plainZone(name string) bool {
	if len(name) > 64 {
		return false
	}
	for _, c := range []byte(name) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '/' && c != '_' && c != '-' && c != '+' {
			return false
		}
	}
	return true
}

// wall is what a clock in the zone shows at t.
func wall(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	return shift(local.UTC(), offset(local))
}

// moment is when a clock in the zone first shows w; where w lies in a gap, the
// end of the gap. It never decreases as w grows.
//
// time.Date does not promise which side it chooses in a gap or an overlap, so
// the stretches of equal offset around w are looked at one by one.
func moment(w time.Time, zone *time.Location) time.Time {
	const farthest = 26 * time.Hour // beyond the offset of any zone at any time
	t := w.Add(-farthest).In(zone)
	for {
		m := shift(w, -offset(t)).In(zone)
		if m.Before(t) { // only once t is a change
			return t
		}
		end, ok := change(t)
		if !ok || m.Before(end) {
			return m
		}
		t = end
	}
}

// change is the first moment after t at which the offset of t's zone differs;
// ok is false where there is none.
//
// ZoneBounds alone does not do: it has bounds at which nothing changes, and on
// the last day of a leap year past the end of a zone's table (2028 for most) it
// gives an end that is not after t, because it takes every year for 365 days.
func change(t time.Time) (end time.Time, ok bool) {
	before := offset(t)
	for t.Before(latest) {
		_, end := t.ZoneBounds()
		switch {
		case end.IsZero():
			return time.Time{}, false
		case end.After(t):
			if offset(end) != before {
				return end, true
			}
			t = end
		case offset(t.Add(day)) != before:
			seconds := sort.Search(int(day/time.Second), func(n int) bool { return offset(shift(t, n)) != before })
			return shift(t, seconds), true
		default:
			t = t.Add(day)
		}
	}
	return time.Time{}, false
}

func offset(t time.Time) int {
	_, seconds := t.Zone()
	return seconds
}

func shift(t time.Time, seconds int) time.Time {
	return t.Add(time.Duration(seconds) * time.Second)
}
