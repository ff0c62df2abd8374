package storagetest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper/storage"
)

func settings(t *testing.T, f *fixture) {
	want := func(want map[string]storage.Setting) {
		t.Helper()
		got, err := f.LoadSettings(ctx, id)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("LoadSettings = %v, %v, want %v", got, err, want)
		}
	}
	save := func(changes map[string]*storage.Setting) error { return f.SaveSettings(ctx, id, changes) }
	want(map[string]storage.Setting{})

	name := storage.Setting{Value: []byte(`"x"`), Type: "string"}
	token := storage.Setting{Value: []byte{0, 1, 255}, Secret: true, Type: "secret"}
	if err := save(map[string]*storage.Setting{"name": &name, "token": &token}); err != nil {
		t.Fatal(err)
	}
	want(map[string]storage.Setting{"name": name, "token": token})
	count := storage.Setting{Value: []byte("3"), Type: "number"}
	if err := save(map[string]*storage.Setting{"name": nil, "none": nil, "count": &count}); err != nil {
		t.Fatal(err)
	}
	want(map[string]storage.Setting{"count": count, "token": token})

	var quota *storage.QuotaError
	large := storage.Setting{Value: make([]byte, storage.MaxSettingBytes+1), Type: "string"}
	if err := save(map[string]*storage.Setting{"count": nil, "large": &large}); !errors.As(err, &quota) {
		t.Errorf("a value over the limit: %v", err)
	}
	many := map[string]*storage.Setting{}
	for i := range storage.MaxSettings {
		many[fmt.Sprint(i)] = &count
	}
	if err := save(many); !errors.As(err, &quota) || quota.Limit != storage.LimitSettings {
		t.Errorf("more fields than the limit: %v", err)
	}
	want(map[string]storage.Setting{"count": count, "token": token})
	if other, err := f.LoadSettings(ctx, "acme/hello"); err != nil || len(other) != 0 {
		t.Errorf("another identity has the settings %v, %v", other, err)
	}
}

func jobs(t *testing.T, f *fixture) {
	due := start.Add(time.Hour)
	job := storage.Job{Identity: id, Key: "daily", Spec: []byte(`{"cron":"0 9 * * *"}`), Due: due}
	if err := f.PutJob(ctx, job); err != nil {
		t.Fatal(err)
	}
	var (
		wg   sync.WaitGroup
		wins atomic.Int64
	)
	next := due.Add(24 * time.Hour)
	for range 8 {
		wg.Go(func() {
			won, err := f.ClaimJob(ctx, id, "daily", due, next)
			if err != nil {
				t.Error(err)
			}
			if won {
				wins.Add(1)
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 {
		t.Errorf("one due time was claimed %d times", wins.Load())
	}
	job.Due, job.LastRun = next, start
	wantJobs := func(want ...storage.Job) {
		t.Helper()
		got, err := f.ListJobs(ctx, id)
		if err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("ListJobs = %v, %v, want %v", got, err, want)
		}
	}
	wantJobs(job)

	// To schedule it anew keeps when it ran.
	job.Spec, job.Due = []byte(`{"every":"1h"}`), next.Add(time.Hour)
	again := job
	again.LastRun = time.Time{}
	if err := f.PutJob(ctx, again); err != nil {
		t.Fatal(err)
	}
	wantJobs(job)
	if won, err := f.ClaimJob(ctx, id, "daily", next, next); won || err != nil {
		t.Errorf("a job that was rescheduled was claimed: %v, %v", won, err)
	}
	if won, err := f.ClaimJob(ctx, id, "daily", job.Due, time.Time{}); !won || err != nil {
		t.Errorf("ClaimJob = %v, %v", won, err)
	}
	job.Due = time.Time{}
	wantJobs(job)
	if won, err := f.ClaimJob(ctx, id, "daily", time.Time{}, next); won || err != nil {
		t.Errorf("a job that is not to run was claimed: %v, %v", won, err)
	}
	if err := f.RemoveJob(ctx, id, "daily"); err != nil {
		t.Fatal(err)
	}
	if err := f.RemoveJob(ctx, id, "daily"); err != nil {
		t.Errorf("RemoveJob of nothing: %v", err)
	}
	wantJobs()
	if won, err := f.ClaimJob(ctx, id, "daily", next, next); won || err != nil {
		t.Errorf("a job that is gone was claimed: %v, %v", won, err)
	}

	var quota *storage.QuotaError
	for _, bad := range []storage.Job{
		{Identity: id, Key: strings.Repeat("x", storage.MaxNameBytes+1)},
		{Identity: id, Key: "x", Spec: make([]byte, storage.MaxJobSpecBytes+1)},
	} {
		if err := f.PutJob(ctx, bad); !errors.As(err, &quota) {
			t.Errorf("PutJob over a limit: %v", err)
		}
	}
}

func dueJobs(t *testing.T, f *fixture) {
	if _, ok, err := f.NextDue(ctx); ok || err != nil {
		t.Errorf("NextDue of nothing = %v, %v", ok, err)
	}
	for i, minutes := range []int{30, 10, 20, 0} {
		job := storage.Job{Identity: storage.NewIdentity("local", fmt.Sprint("p", i)), Key: fmt.Sprint("j", minutes)}
		if minutes > 0 {
			job.Due = start.Add(time.Duration(minutes) * time.Minute)
		}
		if err := f.PutJob(ctx, job); err != nil {
			t.Fatal(err)
		}
	}
	if next, ok, err := f.NextDue(ctx); !ok || err != nil || !next.Equal(start.Add(10*time.Minute)) {
		t.Errorf("NextDue = %v, %v, %v", next, ok, err)
	}
	for _, test := range []struct {
		minutes, limit int
		want           string
	}{{9, 9, ""}, {10, 9, "j10"}, {25, 9, "j10 j20"}, {99, 9, "j10 j20 j30"}, {99, 2, "j10 j20"}} {
		jobs, err := f.DueJobs(ctx, start.Add(time.Duration(test.minutes)*time.Minute), test.limit)
		var keys []string
		for _, job := range jobs {
			keys = append(keys, job.Key)
		}
		if got := strings.Join(keys, " "); err != nil || got != test.want {
			t.Errorf("after %d minutes %q are due (%v), want %q", test.minutes, got, err, test.want)
		}
	}
}

func plugins(t *testing.T, f *fixture) {
	hello := storage.Plugin{Origin: "local", Name: "@acme/hello", Version: "1.2.3", Digest: "sha256-x", Package: "h.plugin.json",
		Enabled: true, Grants: []byte(`[]`), InstalledAt: start, UpdatedAt: start.Add(time.Second)}
	if err := f.PutPlugin(ctx, hello); err != nil {
		t.Fatal(err)
	}
	if got, err := f.GetPlugin(ctx, "local/@acme/hello"); err != nil || !reflect.DeepEqual(got, hello) {
		t.Errorf("GetPlugin = %+v, %v, want %+v", got, err, hello)
	}
	stranger := hello
	stranger.Origin, stranger.Digest = "evil", "sha256-y"
	var origin *storage.OriginError
	if err := f.PutPlugin(ctx, stranger); !errors.As(err, &origin) || origin.Have != "local" || origin.Want != "evil" {
		t.Errorf("another origin with the same name: %v", err)
	}
	for _, other := range []storage.Identity{"evil/@acme/hello", "local/hello"} {
		if _, err := f.GetPlugin(ctx, other); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("GetPlugin(%s): %v", other, err)
		}
	}
	if err := f.RemovePlugin(ctx, stranger.Identity()); err != nil {
		t.Fatal(err)
	}
	hello.Enabled, hello.Quarantine, hello.Grants, hello.Version = false, "crashed", nil, "1.3.0"
	first := storage.Plugin{Origin: "acme", Name: "a"}
	for _, p := range []storage.Plugin{hello, first} {
		if err := f.PutPlugin(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := f.ListPlugins(ctx); err != nil || !reflect.DeepEqual(got, []storage.Plugin{hello, first}) {
		t.Errorf("ListPlugins = %+v, %v", got, err)
	}
	if err := f.RemovePlugin(ctx, hello.Identity()); err != nil {
		t.Fatal(err)
	}
	if err := f.PutPlugin(ctx, stranger); err != nil {
		t.Errorf("once the first is gone: %v", err)
	}
	for _, bad := range []storage.Plugin{{Origin: "a/b", Name: "x"}, {Origin: "", Name: "x"}, {Origin: "a"}} {
		if err := f.PutPlugin(ctx, bad); err == nil {
			t.Errorf("PutPlugin(%+v) was accepted", bad)
		}
	}
}

func contributions(t *testing.T, f *fixture) {
	want := func(want []byte) {
		t.Helper()
		if got, err := f.LoadContributions(ctx, id); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("LoadContributions = %q, %v, want %q", got, err, want)
		}
	}
	want(nil)
	for _, data := range [][]byte{[]byte(`{"a":1}`), []byte(`{}`), nil} {
		if err := f.SaveContributions(ctx, id, data); err != nil {
			t.Fatal(err)
		}
		want(data)
	}
}
