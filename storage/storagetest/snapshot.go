package storagetest

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper/storage"
)

// fill stores something of every kind.
func (f *fixture) fill(t testing.TB) {
	t.Helper()
	f.write(t, set("a", "1"), storage.Set{Entries: []storage.Entry{{Key: "b", Value: storage.Value{Bytes: true, Data: []byte{0, 9}}}}},
		storage.Set{Entries: []storage.Entry{entry("t", "1")}, TTL: time.Hour})
	secret := storage.Setting{Value: []byte{1, 2}, Secret: true, Type: "secret"}
	if err := f.SaveSettings(ctx, id, map[string]*storage.Setting{"s\xff": &secret}); err != nil {
		t.Fatal(err)
	}
	if err := f.PutJob(ctx, storage.Job{Identity: id, Key: "j", Spec: []byte("{}"), Due: start.Add(time.Hour), LastRun: start}); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) snapshot(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Snapshot(ctx, id, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func snapshotAndRestore(t *testing.T, f *fixture) {
	empty := f.snapshot(t)
	f.fill(t)
	full := f.snapshot(t)
	version := f.get(t, "a").Version
	f.write(t, storage.Clear{}, set("new", "1"))
	if err := f.SaveSettings(ctx, id, map[string]*storage.Setting{"s\xff": nil, "new": {Value: []byte("1")}}); err != nil {
		t.Fatal(err)
	}
	if err := f.PutJob(ctx, storage.Job{Identity: id, Key: "new"}); err != nil {
		t.Fatal(err)
	}
	if err := f.Restore(ctx, id, bytes.NewReader(full)); err != nil {
		t.Fatal(err)
	}
	if again := f.snapshot(t); !bytes.Equal(again, full) {
		t.Errorf("what was restored differs:\n%q\n%q", again, full)
	}
	f.wantTrueUsage(t)
	stale := text("2")
	f.refuse(t, storage.CompareAndSet{Key: "a", Version: version, Value: &stale})

	// Elsewhere, under another identity, later.
	g := newFixture(t, f.open)
	g.clock.Advance(time.Hour)
	if err := g.Restore(ctx, "acme/x", bytes.NewReader(full)); err != nil {
		t.Fatal(err)
	}
	keys, err := g.Keys(ctx, "acme/x", storage.Range{})
	if err != nil || !reflect.DeepEqual(keys, []string{"a", "b"}) {
		t.Errorf("restored the keys %q, %v, want those that have not expired", keys, err)
	}
	if u, _ := g.Usage(ctx, "acme/x"); u.Keys != 2 || u.Bytes != 5 {
		t.Errorf("usage is %+v", u)
	}
	if err := f.Restore(ctx, id, bytes.NewReader(empty)); err != nil {
		t.Fatal(err)
	}
	if again := f.snapshot(t); !bytes.Equal(again, empty) {
		t.Errorf("what was restored from nothing is %q", again)
	}
}

func damagedSnapshot(t *testing.T, f *fixture) {
	f.fill(t)
	full := f.snapshot(t)
	f.write(t, set("a", "2"))
	before := f.snapshot(t)
	try := func(what string, at int, stream []byte) {
		t.Helper()
		err := f.Restore(ctx, id, bytes.NewReader(stream))
		var bad *storage.SnapshotError
		if !errors.As(err, &bad) {
			t.Errorf("%s at %d of %d: %v", what, at, len(full), err)
		}
	}
	for i := range full {
		try("cut", i, full[:i])
		flipped := bytes.Clone(full)
		flipped[i] ^= 0x10
		try("a bit flipped", i, flipped)
	}
	try("more", len(full), append(bytes.Clone(full), 0))
	if after := f.snapshot(t); !bytes.Equal(after, before) {
		t.Error("a damaged snapshot changed something")
	}
}

func restoreRespectsLimits(t *testing.T, f *fixture) {
	f.fill(t)
	full := f.snapshot(t)
	before := f.usage(t)
	for _, limits := range []storage.Limits{{TotalBytes: 6}, {Keys: 2}, {ValueBytes: 1}} {
		f.limits = limits
		var quota *storage.QuotaError
		if err := f.Restore(ctx, id, bytes.NewReader(full)); !errors.As(err, &quota) {
			t.Errorf("with %+v: %v", limits, err)
		}
	}
	f.limits = storage.Limits{}
	if after := f.usage(t); after != before {
		t.Errorf("usage was %+v, is %+v", before, after)
	}
}

func drop(t *testing.T, f *fixture) {
	if err := f.Drop(ctx, id); err != nil {
		t.Errorf("Drop of nothing: %v", err)
	}
	empty := f.snapshot(t)
	f.fill(t)
	if err := f.SaveContributions(ctx, id, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := f.Drop(ctx, id); err != nil {
		t.Fatal(err)
	}
	if after := f.snapshot(t); !bytes.Equal(after, empty) {
		t.Errorf("Drop left %q", after)
	}
	if data, err := f.LoadContributions(ctx, id); err != nil || data != nil {
		t.Errorf("Drop left the contributions %q, %v", data, err)
	}
	if u := f.usage(t); u.Bytes != 0 || u.Keys != 0 {
		t.Errorf("Drop left %+v", u)
	}
}

func closedStore(t *testing.T, f *fixture) {
	f.fill(t)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	_, getErr := f.Get(ctx, id, "a")
	_, writeErr := f.Write(ctx, id, set("a", "1"))
	_, listErr := f.ListPlugins(ctx)
	for what, err := range map[string]error{"Get": getErr, "Write": writeErr, "ListPlugins": listErr,
		"Snapshot": f.Snapshot(ctx, id, &bytes.Buffer{}), "Drop": f.Drop(ctx, id), "Close": f.Close()} {
		if !errors.Is(err, storage.ErrClosed) {
			t.Errorf("%s after Close: %v", what, err)
		}
	}
}

func endedContext(t *testing.T, f *fixture) {
	f.write(t, set("a", "1"))
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := f.Write(ended, id, set("a", "2")); !errors.Is(err, context.Canceled) {
		t.Errorf("Write: %v", err)
	}
	if _, err := f.Get(ended, id, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get: %v", err)
	}
	f.want(t, "a", "1")
}
