package storagetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper/storage"
)

func quotaIsExact(t *testing.T, f *fixture) {
	f.limits = storage.Limits{TotalBytes: 10, Keys: 3}
	if u := f.usage(t); u != (storage.Usage{LimitBytes: 10}) {
		t.Errorf("usage of nothing is %+v", u)
	}
	f.write(t, set("a", "1234"), set("b", "1234"))
	if u := f.usage(t); u != (storage.Usage{Bytes: 10, Keys: 2, LimitBytes: 10}) {
		t.Errorf("usage is %+v, want 10 bytes in 2 keys", u)
	}
	var quota *storage.QuotaError
	if err := f.refuse(t, set("c", "1")); !errors.As(err, &quota) ||
		quota.Limit != storage.LimitTotalBytes || quota.Have != 10 || quota.Want != 12 || quota.Max != 10 || quota.Key != "c" {
		t.Errorf("refused with %v (%+v)", err, quota)
	}
	if err := f.refuse(t, set("a", "12345")); !errors.As(err, &quota) || quota.Want != 11 {
		t.Errorf("refused with %v", err)
	}
	f.want(t, "a", "1234")
	f.write(t, set("a", "4321"), set("a", "1"), set("c", "1"))
	if err := f.refuse(t, set("d", "")); !errors.As(err, &quota) || quota.Limit != storage.LimitKeys || quota.Want != 4 || quota.Max != 3 {
		t.Errorf("refused with %v (%+v)", err, quota)
	}
	f.write(t, storage.Delete{Keys: []string{"c"}}, set("d", "1"))
	if err := f.refuse(t, storage.Set{Entries: []storage.Entry{entry("d", "2"), entry("e", "")}}); !errors.As(err, &quota) ||
		quota.Limit != storage.LimitKeys {
		t.Errorf("refused with %v", err)
	}
	f.want(t, "d", "1")
}

func expiredGiveWay(t *testing.T, f *fixture) {
	f.limits = storage.Limits{TotalBytes: 10}
	f.write(t, storage.Set{Entries: []storage.Entry{entry("a", "1234"), entry("b", "1234")}, TTL: time.Second})
	f.clock.Advance(time.Second)
	f.write(t, set("c", "123456789"))
	f.write(t, storage.Clear{}, storage.Set{Entries: []storage.Entry{entry("a", "1234"), entry("b", "1234")}, TTL: time.Second})
	f.clock.Advance(time.Second)
	f.write(t, storage.Set{Entries: []storage.Entry{entry("c", "1234"), entry("d", "1234")}})
	if u := f.usage(t); u.Bytes != 10 || u.Keys != 2 {
		t.Errorf("usage is %+v", u)
	}
	// Without anybody in need of room they go by and by.
	f.write(t, storage.Clear{}, storage.Set{Entries: []storage.Entry{entry("a", "1")}, TTL: time.Second})
	f.clock.Advance(time.Hour)
	if u := f.usage(t); u.Bytes != 0 || u.Keys != 0 {
		t.Errorf("an hour after the last key expired usage is %+v", u)
	}
}

func loweredLimits(t *testing.T, f *fixture) {
	f.write(t, set("a", "1234567890"), set("b", "1234567890"))
	f.limits = storage.Limits{TotalBytes: 10, Keys: 1}
	f.write(t, set("a", "123456789"))
	f.write(t, storage.Set{Entries: []storage.Entry{entry("a", "12345678"), entry("b", "1")}})
	f.refuse(t, set("a", "1234567890"))
	f.refuse(t, set("c", ""))
}

func quotaUnderConcurrency(t *testing.T, f *fixture) {
	const most = 2000
	f.limits = storage.Limits{TotalBytes: most}
	var (
		wg       sync.WaitGroup
		accepted atomic.Int64
		refused  atomic.Int64
	)
	for w := range 16 {
		wg.Go(func() {
			for i := range 40 {
				key := fmt.Sprintf("%02d/%02d", w, i)
				results, err := f.Write(ctx, id, set(key, strings.Repeat("1", 1+(w+i)%9)))
				if err != nil {
					t.Error(err)
					return
				}
				var quota *storage.QuotaError
				switch err := results[0].Err; {
				case err == nil:
					accepted.Add(int64(len(key) + 1 + (w+i)%9))
				case errors.As(err, &quota) && quota.Want > most:
					refused.Add(1)
				default:
					t.Error(err)
				}
				if u, err := f.Usage(ctx, id); err != nil || u.Bytes > most {
					t.Errorf("usage is %+v, %v", u, err)
				}
			}
		})
	}
	wg.Wait()
	if u := f.usage(t); u.Bytes != accepted.Load() {
		t.Errorf("%d bytes were accepted, usage is %+v", accepted.Load(), u)
	}
	if refused.Load() == 0 {
		t.Error("nothing was refused: the test proves nothing")
	}
	f.wantTrueUsage(t)
}

// wantTrueUsage counts what is there; it must be called when nothing expires.
func (f *fixture) wantTrueUsage(t testing.TB) {
	t.Helper()
	entries, err := f.Entries(ctx, id, storage.Range{})
	if err != nil {
		t.Fatal(err)
	}
	var bytes int64
	for _, e := range entries {
		bytes += int64(len(e.Key) + len(e.Value.Data))
	}
	if u := f.usage(t); u.Bytes != bytes || u.Keys != int64(len(entries)) {
		t.Errorf("usage is %+v, but there are %d bytes in %d keys", u, bytes, len(entries))
	}
}

func noIncrementIsLost(t *testing.T, f *fixture) {
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 25 {
				if r, err := f.Write(ctx, id, storage.Increment{Key: "n", By: 1}); err != nil || r[0].Err != nil {
					t.Error(r, err)
				}
				for { // update, as the guest does it
					v, err := f.Get(ctx, id, "u")
					if err != nil {
						t.Error(err)
						return
					}
					n, version := 0, int64(0)
					if v[0] != nil {
						fmt.Sscan(string(v[0].Data), &n)
						version = v[0].Version
					}
					next := text(fmt.Sprint(n + 1))
					r, err := f.Write(ctx, id, storage.CompareAndSet{Key: "u", Version: version, Value: &next})
					if err != nil {
						t.Error(err)
						return
					}
					if r[0].Err == nil {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	f.want(t, "n", "400")
	f.want(t, "u", "400")
}
