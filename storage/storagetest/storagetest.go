// Package storagetest is the test that every engine of package storage must
// pass.
//
// Vocabulary:
//
//   - Open: makes an empty store of the engine under test.
//   - Conditions: the clock and limits that the store is to use.
//
// It must never know which engine it tests, so it asks only what the interface
// promises: durability and several processes are the engine's own to test.
package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper/internal/clock"
	"github.com/innkeeper-host/innkeeper/storage"
)

// Conditions are what a store is to be opened with.
type Conditions struct {
	Clock  clock.Clock
	Limits func(storage.Identity) storage.Limits
}

// Open makes an empty store. It is closed by the caller.
type Open func(t testing.TB, c Conditions) storage.Store

// Run holds an engine against the promises of package storage.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *fixture)
	}{
		{"ValuesComeBackAsTheyWere", valuesComeBack},
		{"GetKeepsTheOrderOfKeys", getKeepsOrder},
		{"IdentitiesNeverMeet", identitiesNeverMeet},
		{"RangesAreInOrderOfBytes", ranges},
		{"EachOpHasItsOwnResult", ownResults},
		{"SetOfManyIsAllOrNothing", setIsAllOrNothing},
		{"IncrementAddsAndKeepsExpiry", increments},
		{"CompareAndSetSeesEveryChange", compareAndSet},
		{"KeysAreChecked", keysAreChecked},
		{"ExpiredKeysAreInvisibleAtOnce", expiry},
		{"QuotaIsExact", quotaIsExact},
		{"ExpiredKeysGiveWayToNewOnes", expiredGiveWay},
		{"LoweredLimitsLetThingsShrink", loweredLimits},
		{"QuotaHoldsUnderConcurrency", quotaUnderConcurrency},
		{"NoIncrementIsLost", noIncrementIsLost},
		{"SettingsAreSavedTogether", settings},
		{"JobsAreClaimedOnce", jobs},
		{"JobsAreFoundWhenDue", dueJobs},
		{"SecondOriginOfANameIsRefused", plugins},
		{"ContributionsAreRemembered", contributions},
		{"RestoreBringsBackTheSnapshot", snapshotAndRestore},
		{"DamagedSnapshotChangesNothing", damagedSnapshot},
		{"RestoreRespectsLimits", restoreRespectsLimits},
		{"DropLeavesNothing", drop},
		{"ClosedStoreSaysSo", closedStore},
		{"EndedContextWritesNothing", endedContext},
		{"BehavesLikeTheModel", model},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, newFixture(t, open)) })
	}
}

var start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const id = storage.Identity("local/hello")

// fixture is a store with a clock and limits that the test can change before
// it writes.
type fixture struct {
	storage.Store
	open   Open
	clock  *clock.Fake
	limits storage.Limits
}

func newFixture(t testing.TB, open Open) *fixture {
	f := &fixture{open: open, clock: clock.NewFake(start)}
	f.Store = open(t, Conditions{Clock: f.clock, Limits: func(storage.Identity) storage.Limits { return f.limits }})
	t.Cleanup(func() {
		if err := f.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
			t.Errorf("Close: %v", err)
		}
	})
	return f
}

var ctx = context.Background()

func text(s string) storage.Value { return storage.Value{Data: []byte(s)} }

func entry(key, json string) storage.Entry { return storage.Entry{Key: key, Value: text(json)} }

func set(key, json string) storage.Set {
	return storage.Set{Entries: []storage.Entry{entry(key, json)}}
}

// write wants every op to succeed.
func (f *fixture) write(t testing.TB, ops ...storage.Op) []storage.Result {
	t.Helper()
	results, err := f.Write(ctx, id, ops...)
	if err != nil {
		t.Fatalf("Write: %v", err)
	}
	for i, r := range results {
		if r.Err != nil {
			t.Fatalf("op %d of Write: %v", i, r.Err)
		}
	}
	return results
}

// refuse wants the only op to be refused.
func (f *fixture) refuse(t testing.TB, op storage.Op) error {
	t.Helper()
	results, err := f.Write(ctx, id, op)
	if err != nil {
		t.Fatalf("Write: %v", err)
	}
	if results[0].Err == nil {
		t.Fatalf("%#v was accepted", op)
	}
	return results[0].Err
}

func (f *fixture) get(t testing.TB, key string) *storage.Value {
	t.Helper()
	values, err := f.Get(ctx, id, key)
	if err != nil || len(values) != 1 {
		t.Fatalf("Get(%q) = %v, %v", key, values, err)
	}
	return values[0]
}

// want compares a key's JSON text; "" means that it is missing.
func (f *fixture) want(t testing.TB, key, json string) {
	t.Helper()
	switch v := f.get(t, key); {
	case v == nil && json != "":
		t.Errorf("%q is missing, want %s", key, json)
	case v != nil && string(v.Data) != json:
		t.Errorf("%q holds %s, want %q", key, v.Data, json)
	}
}

func (f *fixture) usage(t testing.TB) storage.Usage {
	t.Helper()
	u, err := f.Usage(ctx, id)
	if err != nil {
		t.Fatalf("Usage: %v", err)
	}
	return u
}
