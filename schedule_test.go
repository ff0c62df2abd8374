package innkeeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper/internal/clock"
)

func TestJobsRunWhenTheyAreDue(t *testing.T) {
	c := clock.NewFake(noon)
	h := open(t, fake(c))
	h.load(plugin("jobs", "schedule:register", `
		api.schedule("every", { every: "1h" }, (r) => log(r));
		api.schedule("cron", { cron: "30 12 * * *", timeZone: "UTC" }, (r) => log(r));
		api.schedule("at", { at: "2026-11-25T12:45:00Z" }, (r) => log(r));
		api.schedule("date", { at: new Date(Date.UTC(2026, 10, 25, 12, 50)) }, (r) => log(r));
		api.schedule("past", { at: "2020-01-01T00:00:00Z" }, (r) => log(r));
		const gone = api.schedule("gone", { every: "1m" }, (r) => log(r));
		gone.dispose();`))
	advance := func(d time.Duration, want string) {
		t.Helper()
		c.Advance(d)
		h.awaitLine("jobs", want)
		h.settle()
	}
	run := func(key, due string) string {
		return fmt.Sprintf(`{"key":"%s","due":"2026-11-25T%s.000Z","missed":false}`, key, due)
	}
	advance(30*time.Minute, run("cron", "12:30:00"))
	advance(15*time.Minute, run("at", "12:45:00"))
	advance(5*time.Minute, run("date", "12:50:00"))
	advance(10*time.Minute, run("every", "13:00:00"))
	advance(time.Hour, run("every", "14:00:00"))
	if n := len(h.lines("jobs")); n != 5 {
		t.Errorf("%d runs: %q", n, h.lines("jobs"))
	}
	info, _ := h.Plugin("jobs")
	if len(info.Jobs) != 5 {
		t.Errorf("jobs: %+v", info.Jobs)
	}
}

func TestMissedJobsRunOnceOrArePassedOver(t *testing.T) {
	dir := t.TempDir()
	c := clock.NewFake(noon)
	jobs := plugin("jobs", "schedule:register", `
		api.schedule("run", { every: "1h" }, (r) => log(r.key, r.missed, r.due), { missed: "run" });
		api.schedule("skip", { every: "1h" }, (r) => log(r.key, r.missed, r.due));
		api.schedule("at", { at: "2026-11-25T14:00:00Z" }, (r) => log(r.key, r.missed, r.due), { missed: "run" });`)
	h := openIn(t, dir, fake(c))
	h.load(jobs)
	h.close()
	c.Advance(3*time.Hour + 30*time.Minute)

	h = openIn(t, dir, fake(c))
	h.load(jobs)
	h.awaitLine("jobs", "run true 2026-11-25T13:00:00.000Z")
	h.awaitLine("jobs", "at true 2026-11-25T14:00:00.000Z")
	h.settle()
	if n := len(h.lines("jobs")); n != 2 {
		t.Errorf("%q", h.lines("jobs"))
	}
	h.close()

	h = openIn(t, dir, fake(c))
	h.load(jobs)
	c.Advance(30 * time.Minute)
	h.awaitLine("jobs", "run false 2026-11-25T16:00:00.000Z")
	h.settle()
	for _, l := range h.lines("jobs") {
		if l[:2] == "at" {
			t.Errorf("a job that had run ran again: %s", l)
		}
	}
}

func TestAReloadKeepsADueTimeAndRunsItOnce(t *testing.T) {
	dir := t.TempDir()
	c := clock.NewFake(noon)
	h := open(t, fake(c))
	code := func(n, every string) files {
		return plugin("jobs", "schedule:register", `api.schedule("j", { every: "`+every+`" }, (r) => log("`+n+`", r.due));`)
	}
	if err := h.Load(limited(t), code("one", "1h").folder(t, dir)); err != nil {
		t.Fatal(err)
	}
	h.settle()
	c.Advance(40 * time.Minute)
	code("two", "1h").folder(t, dir)
	if err := h.Reload(limited(t), "jobs"); err != nil {
		t.Fatal(err)
	}
	h.settle()
	c.Advance(20 * time.Minute)
	h.awaitLine("jobs", "two 2026-11-25T13:00:00.000Z")
	code("three", "10m").folder(t, dir)
	if err := h.Reload(limited(t), "jobs"); err != nil {
		t.Fatal(err)
	}
	h.settle()
	c.Advance(10 * time.Minute)
	h.awaitLine("jobs", "three 2026-11-25T13:10:00.000Z")
	h.settle()
	if n := len(h.lines("jobs")); n != 2 {
		t.Errorf("%q", h.lines("jobs"))
	}
}

func TestWrongSchedulesThrowAtOnce(t *testing.T) {
	h := open(t)
	h.load(plugin("jobs", "schedule:register", logTries+`
		const s: any = api.schedule;
		for (const [k, when, o] of [["cron", { cron: "nonsense" }], ["zone", { cron: "* * * * *", timeZone: "Mars/Base" }], ["none", {}], ["two", { every: "1h", at: "2030-01-01" }],
			["missed", { every: "1h" }, { missed: "maybe" }], ["text", "1h"], ["date", { at: new Date(NaN) }], ["bad", { at: { toString: () => "x" } }]])
			await attempt(k, () => s(k, when, () => {}, o));
		await attempt("handler", () => s("x", { every: "1h" }));
		await attempt("key", () => s(5, { every: "1h" }, () => {}));
	`))
	lines := h.lines("jobs")
	if len(lines) != 10 {
		t.Fatalf("lines: %q", lines)
	}
	for _, l := range lines {
		holds(t, "refusal", l, "Error: ")
	}
}
