package due

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func parse(t testing.TB, s Spec) *Schedule {
	t.Helper()
	schedule, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return schedule
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// runs lists what is due after from, each moment as it is shown in the zone.
func runs(schedule *Schedule, from time.Time, n int) string {
	var list []string
	for range n {
		next, ok := schedule.Next(from)
		if !ok {
			list = append(list, "never")
			break
		}
		list = append(list, next.Format("01-02T15:04-07:00"))
		from = next
	}
	return strings.Join(list, " ")
}

func TestCronFollowsTheWallThroughSpringAndAutumn(t *testing.T) {
	for _, c := range []struct{ name, cron, zone, from, want string }{
		{"a skipped time is due when the gap ends", "30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z",
			"03-28T02:30+01:00 03-29T03:00+02:00 03-30T02:30+02:00"},
		{"a gap is due once for all that fell into it", "0,20,40 2,3 * * *", "Europe/Berlin", "2026-03-28T23:00:00Z",
			"03-29T03:00+02:00 03-29T03:20+02:00 03-29T03:40+02:00 03-30T02:00+02:00"},
		{"every half hour has nothing to catch up on", "*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z",
			"03-29T01:30+01:00 03-29T03:00+02:00 03-29T03:30+02:00"},
		{"a fixed hour runs at its first showing", "30 2 * * *", "Europe/Berlin", "2026-10-24T22:00:00Z",
			"10-25T02:30+02:00 10-26T02:30+01:00"},
		{"asked between the two showings", "30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z",
			"10-26T02:30+01:00"},
		{"every half hour runs in both hours", "*/30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z",
			"10-25T02:00+02:00 10-25T02:30+02:00 10-25T02:00+01:00 10-25T02:30+01:00 10-25T03:00+01:00"},
		{"every minute of one hour runs once", "*/30 2 * * *", "Europe/Berlin", "2026-10-24T22:00:00Z",
			"10-25T02:00+02:00 10-25T02:30+02:00 10-26T02:00+01:00"},
		{"midnight is unmoved", "@daily", "Europe/Berlin", "2026-10-24T00:00:00Z",
			"10-25T00:00+02:00 10-26T00:00+01:00"},

		{"New York in spring", "15 2 * * *", "America/New_York", "2026-03-07T12:00:00Z",
			"03-08T03:00-04:00 03-09T02:15-04:00"},
		{"New York in autumn", "15 1 * * *", "America/New_York", "2026-10-31T12:00:00Z",
			"11-01T01:15-04:00 11-02T01:15-05:00"},
		{"New York in autumn, hourly", "@hourly", "America/New_York", "2026-11-01T04:30:00Z",
			"11-01T01:00-04:00 11-01T01:00-05:00 11-01T02:00-05:00"},

		{"half an hour is skipped on Lord Howe", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z",
			"10-04T02:30+11:00 10-05T02:15+11:00"},
		{"beside the half hour nothing moves", "45 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z",
			"10-04T02:45+11:00 10-05T02:45+11:00"},
		{"a gap of half an hour, every ten minutes", "*/10 * * * *", "Australia/Lord_Howe", "2026-10-03T15:15:00Z",
			"10-04T01:50+10:30 10-04T02:30+11:00 10-04T02:40+11:00"},
		{"half an hour is shown twice on Lord Howe", "45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z",
			"04-05T01:45+11:00 04-06T01:45+10:30"},
		{"an overlap of half an hour, every quarter", "*/15 * * * *", "Australia/Lord_Howe", "2026-04-04T14:20:00Z",
			"04-05T01:30+11:00 04-05T01:45+11:00 04-05T01:30+10:30 04-05T01:45+10:30 04-05T02:00+10:30"},

		{"the end of a leap year", "0 * * * *", "Europe/Berlin", "2028-12-30T22:30:00Z",
			"12-31T00:00+01:00 12-31T01:00+01:00 12-31T02:00+01:00 12-31T03:00+01:00"},
		{"the end of a leap year, fixed hours", "30 1,23 * * *", "America/New_York", "2028-12-30T22:30:00Z",
			"12-30T23:30-05:00 12-31T01:30-05:00 12-31T23:30-05:00 01-01T01:30-05:00"},
		{"a midnight that does not exist", "@daily", "America/Sao_Paulo", "2018-11-03T12:00:00Z",
			"11-04T01:00-02:00 11-05T00:00-02:00"},
		{"a day that the zone skipped", "0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z",
			"12-31T00:00+14:00 12-30T12:00+14:00"},
	} {
		if got := runs(parse(t, Spec{Cron: c.cron, TimeZone: c.zone}), instant(t, c.from), strings.Count(c.want, " ")+1); got != c.want {
			t.Errorf("%s: %q in %s:\n got    %s\n wanted %s", c.name, c.cron, c.zone, got, c.want)
		}
	}
}

func TestCronReadsTheUsualForms(t *testing.T) {
	from := instant(t, "2026-11-24T12:00:00Z") // a Tuesday
	for _, c := range [][2]string{
		{"0 9 * * mon-fri", "11-25T09:00+00:00 11-26T09:00+00:00 11-27T09:00+00:00 11-30T09:00+00:00"},
		{"5 4 1 jan,JUL *", "01-01T04:05+00:00 07-01T04:05+00:00"},
		{"0 0 * * 7", "11-29T00:00+00:00 12-06T00:00+00:00"},
		{"0 22-1 * * *", "11-24T22:00+00:00 11-24T23:00+00:00 11-25T00:00+00:00 11-25T01:00+00:00 11-25T22:00+00:00"},
		{"0 0 13 * 5", "11-27T00:00+00:00 12-04T00:00+00:00 12-11T00:00+00:00 12-13T00:00+00:00"},
		{"0-10/5 12 * * *", "11-24T12:05+00:00 11-24T12:10+00:00 11-25T12:00+00:00"},
		{"0 0 31 * *", "12-31T00:00+00:00 01-31T00:00+00:00 03-31T00:00+00:00"},
		{"0 0 29 2 *", "02-29T00:00+00:00"},
		{" @Daily ", "11-25T00:00+00:00"},
		{"@yearly", "01-01T00:00+00:00"},
		{"@weekly", "11-29T00:00+00:00"},
		{"@monthly", "12-01T00:00+00:00"},
	} {
		if got := runs(parse(t, Spec{Cron: c[0]}), from, strings.Count(c[1], " ")+1); got != c[1] {
			t.Errorf("%q:\n got    %s\n wanted %s", c[0], got, c[1])
		}
	}
}

func TestLeapDayIsFoundAcrossEightYears(t *testing.T) {
	for _, cron := range []string{"0 0 29 2 *", "* * 29 2 *"} {
		for zone, want := range map[string]string{"": "2104-02-29T00:00:00Z", "Europe/Berlin": "2104-02-29T00:00:00+01:00"} {
			next, ok := parse(t, Spec{Cron: cron, TimeZone: zone}).Next(instant(t, "2096-03-01T00:00:00Z"))
			if got := next.Format(time.RFC3339); !ok || got != want {
				t.Errorf("%s in %q: got %s, %v, wanted %s", cron, zone, got, ok, want)
			}
		}
	}
}

func TestAtIsDueOnce(t *testing.T) {
	for _, c := range [][3]string{
		{"2026-12-24T18:00:00+01:00", "", "2026-12-24T17:00:00Z"},
		{"2026-12-24T18:00+0100", "America/New_York", "2026-12-24T17:00:00Z"},
		{"2026-12-24T17:00:00.250Z", "", "2026-12-24T17:00:00.25Z"},
		{"2026-12-24 17:00z", "Europe/Berlin", "2026-12-24T17:00:00Z"},
		{"2026-12-24T18:00", "Europe/Berlin", "2026-12-24T17:00:00Z"},
		{"2026-12-24T18:00:30", "", "2026-12-24T18:00:30Z"},
		{"2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00Z"},
		{"2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:00:00Z"},
	} {
		schedule := parse(t, Spec{At: c[0], TimeZone: c[1]})
		next, ok := schedule.Next(instant(t, "2026-01-01T00:00:00Z"))
		if want := instant(t, c[2]); !ok || !next.Equal(want) {
			t.Errorf("%s in %q: got %v, %v, wanted %v", c[0], c[1], next, ok, want)
		}
		if again, ok := schedule.Next(next); ok {
			t.Errorf("%s is due again at %v", c[0], again)
		}
	}
}

func TestEveryKeepsItsPlacesWhateverItIsAskedAfter(t *testing.T) {
	for _, c := range [][3]string{
		{"5m", "2026-11-24T12:01:13.5Z", "2026-11-24T12:05:00Z"},
		{"5m", "2026-11-24T12:05:00Z", "2026-11-24T12:10:00Z"},
		{"90s", "2026-11-24T12:00:00Z", "2026-11-24T12:01:30Z"},
		{"1h30m", "2026-11-24T00:00:01Z", "2026-11-24T01:30:00Z"},
		{"300000", "2026-11-24T12:01:13.5Z", "2026-11-24T12:05:00Z"},
		{"1d", "2026-11-24T12:01:13Z", "2026-11-25T00:00:00Z"},
		{"2d", "1970-01-01T00:00:00Z", "1970-01-03T00:00:00Z"},
		{"7d", "1970-01-01T00:00:01Z", "1970-01-08T00:00:00Z"},
		{"1d12h", "1970-01-01T00:00:00Z", "1970-01-02T12:00:00Z"},
		{"2d", "1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z"},
		{"366d", "1970-01-01T00:00:00Z", "1971-01-02T00:00:00Z"},
		{"1s", "2026-11-24T12:00:00.999999999Z", "2026-11-24T12:00:01Z"},
	} {
		next, ok := parse(t, Spec{Every: c[0]}).Next(instant(t, c[1]))
		if want := instant(t, c[2]); !ok || !next.Equal(want) {
			t.Errorf("every %s after %s: got %v, %v, wanted %v", c[0], c[1], next, ok, want)
		}
	}
}

func TestParseSaysWhatWasFoundAndWanted(t *testing.T) {
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{Spec{}, "found none of cron, at and every, wanted one of them"},
		{Spec{Cron: "@daily", Every: "5m"}, "found cron and every, wanted only one"},
		{Spec{Cron: "* * * *"}, `cron: found "* * * *"`},
		{Spec{Cron: "60 * * * *"}, `wanted five fields`},
		{Spec{Cron: "0 0 * * * *"}, `wanted five fields`},
		{Spec{Cron: "@reboot"}, `cron: found "@reboot"`},
		{Spec{Cron: "@every 5m"}, `wanted it as every`},
		{Spec{Cron: "TZ=Europe/Berlin 0 0 * * *"}, "wanted it in timeZone"},
		{Spec{Cron: "CRON_TZ=../etc/passwd 0 0 * * *"}, "wanted it in timeZone"},
		{Spec{Cron: "0 0 30 2 *"}, "names a day that no month of it has"},
		{Spec{Cron: "0 0 31 4,6,9,11 *"}, "names a day that no month of it has"},
		{Spec{Cron: "H H * * *"}, `cron: found "H H * * *"`},
		{Spec{At: "tomorrow"}, `at: found "tomorrow", wanted a date and a time of day`},
		{Spec{At: "2026-12-24"}, "wanted a date and a time of day"},
		{Spec{At: "2026-02-30T00:00"}, `at: found "2026-02-30T00:00"`},
		{Spec{Every: "soon"}, `every: found "soon", wanted a length of time`},
		{Spec{Every: "0"}, "at least 1s"},
		{Spec{Every: "999"}, "at least 1s"},
		{Spec{Every: "10ms"}, "at least 1s"},
		{Spec{Every: "-5m"}, `every: found "-5m"`},
		{Spec{Every: "1d-5m"}, `every: found "1d-5m"`},
		{Spec{Every: "367d"}, "at most 366d"},
		{Spec{Every: "366d1s"}, "at most 366d"},
		{Spec{Every: "99999999999999999999d"}, "at most 366d"},
		{Spec{Every: "99999999999999999999"}, "at most 366d"},
		{Spec{Every: "1d", TimeZone: "Europe/Berlin"}, "counts elapsed time in no zone"},
		{Spec{Cron: "@daily", TimeZone: "Berlin"}, `timeZone: found "Berlin", wanted an IANA name`},
		{Spec{Cron: "@daily", TimeZone: "Local"}, `timeZone: found "Local"`},
		{Spec{Cron: "@daily", TimeZone: "../../etc/passwd"}, "timeZone: found"},
	} {
		_, err := Parse(c.spec)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "read schedule: ") {
			t.Errorf("%+v: got %v, wanted %q in it", c.spec, err, c.want)
		}
	}
	if _, err := Parse(Spec{Every: strings.Repeat("9x", 5000)}); err == nil || len(err.Error()) > 400 {
		t.Errorf("a long text gave %v", err)
	}
}

func TestNextEndsAtTheEdgesOfTheCalendar(t *testing.T) {
	for _, spec := range []Spec{{Cron: "* * * * *", TimeZone: "Europe/Berlin"}, {Cron: "0 2 29 2 *", TimeZone: "Europe/Berlin"}, {Every: "1s"}, {At: "2026-12-24T18:00"}} {
		schedule := parse(t, spec)
		for _, after := range []time.Time{{}, time.Unix(1<<62, 0), time.Unix(-1<<62, 0), latest, latest.Add(-time.Second)} {
			if next, ok := schedule.Next(after); ok && !next.After(after) {
				t.Errorf("%+v after %v: %v", spec, after, next)
			}
		}
		if next, ok := schedule.Next(time.Unix(1<<62, 0)); ok {
			t.Errorf("%+v is due at %v", spec, next)
		}
	}
}

// Every minute from any moment on is looked at one by one: slow, and plainly
// right for jobs of every hour; and each fixed job runs once a day.
func TestNextIsLaterAndSkipsNothing(t *testing.T) {
	zones := []string{"", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca"}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		after := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "after"), rapid.Int64Range(0, 999999999).Draw(t, "nanoseconds"))
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		elapsed, err := Parse(Spec{Cron: "7-50/9 * * * *", TimeZone: zone})
		if err != nil {
			t.Fatal(err)
		}
		next, ok := elapsed.Next(after)
		want := after.Truncate(time.Minute).Add(time.Minute)
		for m := want.In(loc).Minute(); m < 7 || m > 50 || (m-7)%9 != 0; m = want.In(loc).Minute() {
			want = want.Add(time.Minute)
		}
		if !ok || !next.Equal(want) {
			t.Fatalf("after %v: got %v, wanted %v", after.In(loc), next, want.In(loc))
		}

		fixed, err := Parse(Spec{Cron: "30 2 * * *", TimeZone: zone})
		if err != nil {
			t.Fatal(err)
		}
		first, _ := fixed.Next(after)
		second, _ := fixed.Next(first)
		if !first.After(after) || !second.After(first) {
			t.Fatalf("after %v: %v, then %v", after, first, second)
		}
		if gap := second.Sub(first); zone != "Pacific/Apia" && (gap < 22*time.Hour || gap > 26*time.Hour) {
			t.Fatalf("after %v: %v passed between %v and %v", after, gap, first, second)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []Spec{
		{Cron: "*/5 9-17 * * mon-fri", TimeZone: "Europe/Berlin"}, {Cron: "0 0 30 2 *"}, {Cron: "@daily"}, {Cron: "0 22-2/3 1,31 nov-feb ?"},
		{At: "2026-12-24T18:00:00+01:00"}, {At: "2026-10-25T02:30", TimeZone: "America/New_York"}, {Every: "1d12h"}, {Every: "300000"},
	} {
		f.Add(s.Cron, s.At, s.Every, s.TimeZone, int64(1800000000))
	}
	f.Fuzz(func(t *testing.T, cron, at, every, zone string, after int64) {
		schedule, err := Parse(Spec{cron, at, every, zone})
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		from := time.Unix(after, 0)
		for range 5 {
			next, ok := schedule.Next(from)
			if !ok {
				return
			}
			if !next.After(from) {
				t.Fatalf("due at %v, which is not after %v", next, from)
			}
			from = next
		}
	})
}

func BenchmarkNext(b *testing.B) {
	from := instant(b, "2026-11-24T12:00:00Z")
	for _, cron := range []string{"*/5 * * * *", "30 2 * * *", "0 0 29 2 *"} {
		schedule := parse(b, Spec{Cron: cron, TimeZone: "Europe/Berlin"})
		b.Run(strings.ReplaceAll(cron, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				schedule.Next(from)
			}
		})
	}
}
