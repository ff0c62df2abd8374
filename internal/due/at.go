package due

import (
	"fmt"
	"strings"
	"time"
)

// Layouts of a moment. Go takes a fraction of a second after any of them.
var (
	withOffset = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z0700"}
	onWall     = []string{"2006-01-02T15:04:05", "2006-01-02T15:04"}
)

// parseAt reads one moment. A wall time in an overlap means its first showing,
// one in a gap the gap's end, as for cron.
func parseAt(text string, zone *time.Location) (func(time.Time) (time.Time, bool), error) {
	at, ok := readAt(text, zone)
	if !ok {
		return nil, fmt.Errorf(`at: found %s, wanted a date and a time of day such as "2026-12-24T18:00" (in timeZone) or "2026-12-24T18:00:00+01:00"`, shown(text))
	}
	return func(after time.Time) (time.Time, bool) {
		if !at.After(after) {
			return time.Time{}, false
		}
		return at, true
	}, nil
}

func readAt(text string, zone *time.Location) (time.Time, bool) {
	// RFC 3339 allows a space and small letters.
	text = strings.ToUpper(strings.TrimSpace(text))
	if len(text) > 10 && text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	for _, layout := range withOffset {
		if t, err := time.Parse(layout, text); err == nil {
			return t.In(zone), true
		}
	}
	for _, layout := range onWall {
		if w, err := time.Parse(layout, text); err == nil {
			return moment(w, zone), true
		}
	}
	return time.Time{}, false
}
