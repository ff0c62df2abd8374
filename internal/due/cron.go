package due

import (
	"fmt"
	"strings"
	"time"

	"github.com/netresearch/go-cron"
)

// cronParser reads crontab lines. Where both the day of month and the day of
// week are restricted either may match, as in crontab; the library's default is
// both. 29 February is at most eight years away (1896 to 1904).
var cronParser = cron.MustNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor | cron.DowOrDom).
	WithMaxSearchYears(8)

const everyHour = 1<<24 - 1

func parseCron(line string, zone *time.Location) (func(time.Time) (time.Time, bool), error) {
	const wanted = `wanted five fields (minute, hour, day of month, month, day of week) such as "0 9 * * mon-fri", or @hourly, @daily, @weekly, @monthly or @yearly`
	line = strings.TrimSpace(line)
	switch lower := strings.ToLower(line); {
	case strings.HasPrefix(lower, "tz="), strings.HasPrefix(lower, "cron_tz="):
		return nil, fmt.Errorf("cron: found a time zone in %s, wanted it in timeZone", shown(line))
	case strings.HasPrefix(lower, "@every"):
		return nil, fmt.Errorf(`cron: found %s, wanted it as every, such as {every: "5m"}`, shown(line))
	case strings.HasPrefix(lower, "@"):
		line = lower
	}
	parsed, err := cronParser.Parse(line)
	if err != nil {
		return nil, fmt.Errorf("cron: found %s (%s), %s", shown(line), clip(err.Error()), wanted)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("cron: found %s, %s", shown(line), wanted)
	}
	// The library counts on the wall alone, where no hour is skipped or shown
	// twice; what a wall time means in the zone is ours to say.
	spec.Location = time.UTC
	if spec.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("cron: found %s, which names a day that no month of it has, wanted one that comes", shown(line))
	}
	if spec.Hour&everyHour == everyHour {
		return func(after time.Time) (time.Time, bool) { return nextElapsed(spec, zone, after) }, nil
	}
	return func(after time.Time) (time.Time, bool) { return nextOnWall(spec, zone, after) }, nil
}

// nextOnWall serves jobs with hours of their own ("30 2 * * *"): each wall time
// counts once. In an overlap that is its first showing; what falls into a gap is
// due at the gap's end, once for all of it.
func nextOnWall(spec *cron.SpecSchedule, zone *time.Location, after time.Time) (time.Time, bool) {
	w := wall(after, zone)
	for {
		if w = spec.Next(w); w.IsZero() {
			return time.Time{}, false
		}
		// In an overlap's second showing the wall is behind what has run.
		if m := moment(w, zone); m.After(after) {
			return m, true
		}
	}
}

// nextElapsed serves jobs of every hour ("*/30 * * * *"): they follow time as it
// passes, so they run in both showings of an overlap, and a gap, in which no
// time passes, leaves nothing to catch up on.
func nextElapsed(spec *cron.SpecSchedule, zone *time.Location, after time.Time) (time.Time, bool) {
	t, from := after.In(zone), wall(after, zone)
	for {
		w := spec.Next(from)
		if w.IsZero() {
			return time.Time{}, false
		}
		m := shift(w, -offset(t)).In(zone)
		end, ok := change(t)
		if !ok || m.Before(end) {
			return m, true
		}
		// Next looks past the moment it is given, and the first of the next
		// stretch counts too.
		t, from = end, wall(end, zone).Add(-time.Nanosecond)
	}
}

// clip cuts a message of the library's, which repeats what it was given.
func clip(text string) string {
	const most = 160
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
