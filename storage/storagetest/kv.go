package storagetest

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper/storage"
)

func valuesComeBack(t *testing.T, f *fixture) {
	for name, v := range map[string]storage.Value{
		"object":     text(`{"a":[1,2,{"b":null}]}`),
		"null":       text("null"),
		"surrogates": text(`"\ud800"`),
		"zero bytes": {Bytes: true, Data: []byte{}},
		"nil bytes":  {Bytes: true},
		"bytes":      {Bytes: true, Data: []byte{0, 255, 128, 0}},
		"NUL\x00key": text("1"),
		"ключ 🗝":     text(`"é\u0000"`),
		"largest":    {Bytes: true, Data: bytes.Repeat([]byte{7}, 1<<20)},
	} {
		f.write(t, storage.Set{Entries: []storage.Entry{{Key: name, Value: v}}})
		got := f.get(t, name)
		if got == nil || got.Bytes != v.Bytes || !bytes.Equal(got.Data, v.Data) || got.Version <= 0 {
			t.Errorf("%q: stored %v, got %+v", name, v.Bytes, got)
		}
	}
	f.write(t, set("bytes", "1"))
	if v := f.get(t, "bytes"); v.Bytes {
		t.Error("JSON text written over bytes came back as bytes")
	}
}

func getKeepsOrder(t *testing.T, f *fixture) {
	f.write(t, set("a", "1"), set("b", "2"))
	values, err := f.Get(ctx, id, "b", "none", "a", "b")
	if err != nil || len(values) != 4 || values[1] != nil {
		t.Fatalf("Get = %v, %v", values, err)
	}
	if got := string(values[0].Data) + string(values[2].Data) + string(values[3].Data); got != "212" {
		t.Errorf("values in the order %s, want 2, nothing, 1, 2", got)
	}
	if values, err := f.Get(ctx, id); err != nil || len(values) != 0 {
		t.Errorf("Get of no keys = %v, %v", values, err)
	}
}

func identitiesNeverMeet(t *testing.T, f *fixture) {
	f.write(t, set("key", `"mine"`))
	other := storage.NewIdentity("acme", "hello")
	if v, err := f.Get(ctx, other, "key"); err != nil || v[0] != nil {
		t.Errorf("another identity reads %v, %v", v, err)
	}
	if _, err := f.Write(ctx, other, storage.Clear{}, storage.Delete{Keys: []string{"key"}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Drop(ctx, other); err != nil {
		t.Fatal(err)
	}
	f.want(t, "key", `"mine"`)
}

func ranges(t *testing.T, f *fixture) {
	for _, key := range []string{"b", "a", "a/2", "a/1", "a/10", "ab", "é", "\U0010FFFF", "a\x00", "%", "_"} {
		f.write(t, set(key, "1"))
	}
	for _, test := range []struct {
		r    storage.Range
		want string
	}{
		{storage.Range{}, "% _ a a\x00 a/1 a/10 a/2 ab b é \U0010FFFF"},
		{storage.Range{Prefix: "a/"}, "a/1 a/10 a/2"},
		{storage.Range{Prefix: "a/", After: "a/1"}, "a/10 a/2"},
		{storage.Range{Prefix: "a/", After: "a"}, "a/1 a/10 a/2"},
		{storage.Range{Prefix: "a/", After: "b"}, ""},
		{storage.Range{After: "a"}, "a\x00 a/1 a/10 a/2 ab b é \U0010FFFF"},
		{storage.Range{After: "a/11", Limit: 2}, "a/2 ab"},
		{storage.Range{Limit: 1}, "%"},
		{storage.Range{Prefix: "é"}, "é"},
		{storage.Range{Prefix: "\U0010FFFF"}, "\U0010FFFF"},
		{storage.Range{Prefix: "none"}, ""},
	} {
		keys, err := f.Keys(ctx, id, test.r)
		if got := strings.Join(keys, " "); err != nil || got != test.want {
			t.Errorf("Keys(%+v) = %q, %v, want %q", test.r, got, err, test.want)
		}
		entries, err := f.Entries(ctx, id, test.r)
		if err != nil {
			t.Fatal(err)
		}
		var fromEntries []string
		for _, e := range entries {
			fromEntries = append(fromEntries, e.Key)
			if string(e.Value.Data) != "1" || e.Value.Version <= 0 {
				t.Errorf("Entries gave %q the value %+v", e.Key, e.Value)
			}
		}
		if got := strings.Join(fromEntries, " "); got != test.want {
			t.Errorf("Entries(%+v) = %q, want %q", test.r, got, test.want)
		}
	}
}

func ownResults(t *testing.T, f *fixture) {
	f.write(t, set("text", `"x"`))
	results, err := f.Write(ctx, id,
		set("a", "1"),
		storage.Increment{Key: "text", By: 1},
		set("", "1"),
		storage.CompareAndSet{Key: "a", Version: 0, Value: &storage.Value{Data: []byte("9")}},
		storage.Increment{Key: "a", By: 2},
		storage.Delete{Keys: []string{"text", "none"}},
		storage.Delete{Keys: []string{"text"}},
		storage.Set{},
	)
	if err != nil {
		t.Fatal(err)
	}
	var (
		number *storage.NumberError
		key    *storage.KeyError
	)
	if !errors.As(results[1].Err, &number) || !errors.As(results[2].Err, &key) || results[3].Err != storage.ErrConflict {
		t.Errorf("refusals are %v", results)
	}
	for _, i := range []int{0, 4, 5, 6, 7} {
		if results[i].Err != nil {
			t.Errorf("op %d was refused: %v", i, results[i].Err)
		}
	}
	if results[4].Number != 3 || results[5].Removed != 1 || results[6].Removed != 0 {
		t.Errorf("results are %+v", results)
	}
	f.want(t, "a", "3")
	f.want(t, "text", "")

	f.write(t, set("x/1", "1"), set("x/2", "1"), set("y", "1"))
	if r := f.write(t, storage.Clear{Prefix: "x/"}); r[0].Removed != 2 {
		t.Errorf("Clear of two keys removed %d", r[0].Removed)
	}
	f.want(t, "y", "1")
	f.write(t, storage.Clear{})
	if u := f.usage(t); u.Keys != 0 || u.Bytes != 0 {
		t.Errorf("usage after Clear is %+v", u)
	}
}

func setIsAllOrNothing(t *testing.T, f *fixture) {
	f.limits = storage.Limits{TotalBytes: 20}
	f.write(t, set("a", "111111"))
	var quota *storage.QuotaError
	err := f.refuse(t, storage.Set{Entries: []storage.Entry{entry("b", "222222"), entry("c", "33333333")}})
	if !errors.As(err, &quota) || quota.Want != 23 || quota.Have != 7 || quota.Max != 20 {
		t.Errorf("refused with %v (%+v)", err, quota)
	}
	f.want(t, "b", "")
	f.refuse(t, storage.Set{Entries: []storage.Entry{entry("b", "2"), {Key: "", Value: text("1")}}})
	f.want(t, "b", "")
	// Only the outcome counts: "b" does not fit before "a" has shrunk.
	f.write(t, storage.Set{Entries: []storage.Entry{entry("b", "222222222222222"), entry("a", "1")}})
	// Of two with the same key the later wins.
	f.write(t, storage.Clear{}, storage.Set{Entries: []storage.Entry{entry("k", "1"), entry("k", "2")}})
	f.want(t, "k", "2")
	if u := f.usage(t); u.Keys != 1 || u.Bytes != 2 {
		t.Errorf("usage is %+v, want one key of 2 bytes", u)
	}
}

func increments(t *testing.T, f *fixture) {
	for _, test := range []struct{ before, after string }{
		{"", "0.5"}, {"1", "1.5"}, {"-0.5", "0"}, {" 1e2 ", "100.5"}, {"1e21", "1e+21"},
	} {
		f.write(t, storage.Delete{Keys: []string{"n"}})
		if test.before != "" {
			f.write(t, set("n", test.before))
		}
		f.write(t, storage.Increment{Key: "n", By: 0.5})
		f.want(t, "n", test.after)
	}
	for _, bad := range []string{`"1"`, "null", "true", "[1]", "1e999"} {
		f.write(t, set("n", bad))
		var number *storage.NumberError
		if err := f.refuse(t, storage.Increment{Key: "n", By: 1}); !errors.As(err, &number) {
			t.Errorf("increment of %s: %v", bad, err)
		}
		f.want(t, "n", bad)
	}
	f.write(t, set("n", "1e308"))
	f.refuse(t, storage.Increment{Key: "n", By: 1.7e308})
	f.refuse(t, storage.Increment{Key: "n", By: math.NaN()})
	f.write(t, storage.Set{Entries: []storage.Entry{{Key: "n", Value: storage.Value{Bytes: true, Data: []byte("1")}}}})
	f.refuse(t, storage.Increment{Key: "n", By: 1})

	f.write(t, storage.Set{Entries: []storage.Entry{entry("t", "1")}, TTL: time.Minute}, storage.Increment{Key: "t", By: 1})
	f.want(t, "t", "2")
	f.clock.Advance(time.Minute)
	f.want(t, "t", "")
	f.write(t, storage.Increment{Key: "t", By: 1})
	f.want(t, "t", "1")
	f.clock.Advance(time.Hour)
	f.want(t, "t", "1")
}

func compareAndSet(t *testing.T, f *fixture) {
	value := func(json string) *storage.Value { v := text(json); return &v }
	conflict := func(version int64) {
		t.Helper()
		err := f.refuse(t, storage.CompareAndSet{Key: "k", Version: version, Value: value("0")})
		if !errors.Is(err, storage.ErrConflict) {
			t.Errorf("refused with %v, want a conflict", err)
		}
	}
	f.write(t, storage.CompareAndSet{Key: "k", Version: 0, Value: value("1")})
	first := f.get(t, "k").Version
	conflict(0)
	f.write(t, storage.CompareAndSet{Key: "k", Version: first, Value: value("2")})
	f.want(t, "k", "2")
	conflict(first)
	second := f.get(t, "k").Version
	f.write(t, set("k", "2"))
	conflict(second)
	third := f.get(t, "k").Version
	f.write(t, storage.CompareAndSet{Key: "k", Version: third, Value: nil})
	f.want(t, "k", "")
	conflict(third)
	// The same value again is still another version.
	f.write(t, set("k", "2"))
	conflict(third)
	if err := f.Drop(ctx, id); err != nil {
		t.Fatal(err)
	}
	f.write(t, set("k", "2"))
	conflict(third)
	// An expired key is a missing one.
	f.write(t, storage.Set{Entries: []storage.Entry{entry("k", "3")}, TTL: time.Second})
	f.clock.Advance(time.Second)
	f.write(t, storage.CompareAndSet{Key: "k", Version: 0, Value: value("4"), TTL: time.Second})
	f.want(t, "k", "4")
	f.clock.Advance(time.Second)
	f.want(t, "k", "")
	f.write(t, storage.CompareAndSet{Key: "k", Version: 0})
}

func keysAreChecked(t *testing.T, f *fixture) {
	for _, key := range []string{"", strings.Repeat("x", 513), "\xed\xa0\x80", "a\xff"} {
		for _, op := range []storage.Op{set(key, "1"), storage.Increment{Key: key, By: 1}, storage.CompareAndSet{Key: key}} {
			var bad *storage.KeyError
			if err := f.refuse(t, op); !errors.As(err, &bad) || bad.Key != key {
				t.Errorf("%T with the key %.8q: %v", op, key, err)
			}
		}
		if v := f.get(t, key); v != nil {
			t.Errorf("a key that can not be set is there: %v", v)
		}
	}
	f.write(t, set(strings.Repeat("x", 512), "1"))
	var quota *storage.QuotaError
	err := f.refuse(t, set("big", strings.Repeat("1", 1<<20+1)))
	if !errors.As(err, &quota) || quota.Limit != storage.LimitValueBytes || quota.Want != 1<<20+1 || quota.Max != 1<<20 {
		t.Errorf("a value over 1 MiB: %v", err)
	}
}

func expiry(t *testing.T, f *fixture) {
	f.write(t, storage.Set{Entries: []storage.Entry{entry("a", "1"), entry("b", "1")}, TTL: 1500 * time.Microsecond}, set("c", "1"))
	f.clock.Advance(time.Millisecond)
	f.want(t, "a", "1")
	f.clock.Advance(time.Millisecond)
	f.want(t, "a", "")
	if keys, _ := f.Keys(ctx, id, storage.Range{}); !reflect.DeepEqual(keys, []string{"c"}) {
		t.Errorf("Keys lists %q", keys)
	}
	if entries, _ := f.Entries(ctx, id, storage.Range{}); len(entries) != 1 {
		t.Errorf("Entries lists %v", entries)
	}
	if r := f.write(t, storage.Delete{Keys: []string{"a"}}); r[0].Removed != 0 {
		t.Error("an expired key was there to be deleted")
	}
	if r := f.write(t, storage.Clear{}); r[0].Removed != 1 {
		t.Errorf("Clear removed %d keys, want the one that is not expired", r[0].Removed)
	}
	// A new set without a time to live is for ever.
	f.write(t, storage.Set{Entries: []storage.Entry{entry("a", "1")}, TTL: time.Second}, set("a", "2"))
	f.clock.Advance(time.Hour)
	f.want(t, "a", "2")
	f.write(t, storage.Set{Entries: []storage.Entry{entry("a", "1")}, TTL: math.MaxInt64})
	f.want(t, "a", "1")
}
