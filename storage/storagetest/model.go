package storagetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/innkeeper-host/innkeeper/storage"
)

// model plays random changes on the store and on a map, and wants the same
// from both.
func model(t *testing.T, f *fixture) {
	f.limits = storage.Limits{TotalBytes: 60, Keys: 6}
	rapid.Check(t, func(t *rapid.T) {
		if err := f.Drop(ctx, id); err != nil {
			t.Fatal(err)
		}
		m := &modelStore{keys: map[string]modelValue{}, now: f.clock.Now()}
		key := rapid.SampledFrom([]string{"a", "b", "ab", "abc", "b/c", "é"})
		number := rapid.IntRange(0, 99_999_999)
		ttl := rapid.SampledFrom([]time.Duration{0, 0, time.Second, time.Minute})
		one := func(op storage.Op) storage.Result {
			results, err := f.Write(ctx, id, op)
			if err != nil {
				t.Fatal(err)
			}
			return results[0]
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				op := storage.Set{TTL: ttl.Draw(t, "ttl")}
				for range rapid.IntRange(1, 3).Draw(t, "entries") {
					op.Entries = append(op.Entries, entry(key.Draw(t, "key"), fmt.Sprint(number.Draw(t, "value"))))
				}
				sameRefusal(t, one(op).Err, m.set(op, f.limits))
			},
			"delete": func(t *rapid.T) {
				k := key.Draw(t, "key")
				_, there := m.visible()[k]
				if r := one(storage.Delete{Keys: []string{k}}); (r.Removed == 1) != there {
					t.Fatalf("Delete(%q) removed %d", k, r.Removed)
				}
				delete(m.visible(), k)
			},
			"clear": func(t *rapid.T) {
				prefix := rapid.SampledFrom([]string{"", "a", "b/"}).Draw(t, "prefix")
				one(storage.Clear{Prefix: prefix})
				maps.DeleteFunc(m.keys, func(k string, _ modelValue) bool { return strings.HasPrefix(k, prefix) })
			},
			"increment": func(t *rapid.T) {
				k, by := key.Draw(t, "key"), float64(number.Draw(t, "by"))
				old := m.visible()[k]
				sum, _ := strconv.ParseFloat(old.json, 64)
				sum += by
				op := storage.Set{Entries: []storage.Entry{entry(k, strconv.FormatFloat(sum, 'f', -1, 64))}}
				r := one(storage.Increment{Key: k, By: by})
				want := m.set(op, f.limits)
				sameRefusal(t, r.Err, want)
				if want == nil {
					m.keys[k] = modelValue{json: m.keys[k].json, expires: old.expires}
				}
			},
			"update": func(t *rapid.T) {
				k := key.Draw(t, "key")
				values, err := f.Get(ctx, id, k)
				if err != nil {
					t.Fatal(err)
				}
				var version int64
				if values[0] != nil {
					version = values[0].Version
				}
				v := text(fmt.Sprint(number.Draw(t, "value")))
				if stale := version + 1; one(storage.CompareAndSet{Key: k, Version: stale, Value: &v}).Err != storage.ErrConflict {
					t.Fatalf("CompareAndSet with a wrong version was accepted")
				}
				sameRefusal(t, one(storage.CompareAndSet{Key: k, Version: version, Value: &v}).Err,
					m.set(storage.Set{Entries: []storage.Entry{{Key: k, Value: v}}}, f.limits))
			},
			"time": func(t *rapid.T) {
				d := rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, 20 * time.Second}).Draw(t, "d")
				f.clock.Advance(d)
				m.now = m.now.Add(d)
			},
			"": func(t *rapid.T) { m.compare(t, f) },
		})
	})
}

type modelValue struct {
	json    string
	expires time.Time
}

type modelStore struct {
	keys map[string]modelValue
	now  time.Time
}

// visible forgets what has expired: in the model it has never been there.
func (m *modelStore) visible() map[string]modelValue {
	maps.DeleteFunc(m.keys, func(_ string, v modelValue) bool { return !v.expires.IsZero() && !v.expires.After(m.now) })
	return m.keys
}

func (m *modelStore) set(op storage.Set, limits storage.Limits) error {
	next := maps.Clone(m.visible())
	for _, e := range op.Entries {
		v := modelValue{json: string(e.Value.Data)}
		if op.TTL > 0 {
			v.expires = m.now.Add(op.TTL)
		}
		next[e.Key] = v
	}
	before, after := sizeOfModel(m.keys), sizeOfModel(next)
	if after > limits.TotalBytes && after > before || int64(len(next)) > limits.Keys && len(next) > len(m.keys) {
		return &storage.QuotaError{}
	}
	m.keys = next
	return nil
}

func sizeOfModel(keys map[string]modelValue) (n int64) {
	for k, v := range keys {
		n += int64(len(k) + len(v.json))
	}
	return n
}

func sameRefusal(t *rapid.T, got, want error) {
	var quota *storage.QuotaError
	if (got == nil) != (want == nil) || got != nil && !errors.As(got, &quota) {
		t.Fatalf("the store says %v, the model %v", got, want)
	}
}

func (m *modelStore) compare(t *rapid.T, f *fixture) {
	entries, err := f.Entries(ctx, id, storage.Range{})
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, e := range entries {
		got = append(got, e.Key+"="+string(e.Value.Data))
	}
	for _, k := range slices.Sorted(maps.Keys(m.visible())) {
		want = append(want, k+"="+m.keys[k].json)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("the store holds %q, the model %q", got, want)
	}
	u, err := f.Usage(ctx, id)
	// What has expired and is not swept yet counts, so usage may be more.
	if size := sizeOfModel(m.keys); err != nil || u.Bytes < size || u.Keys < int64(len(want)) || u.Bytes > f.limits.TotalBytes {
		t.Fatalf("usage is %+v (%v), the model has %d bytes", u, err, size)
	}
}
