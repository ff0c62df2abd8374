package sqlite

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/innkeeper-host/innkeeper/storage"
	"github.com/innkeeper-host/innkeeper/storage/storagetest"
)

func TestStoreKeepsTheInterfacesPromises(t *testing.T) {
	storagetest.Run(t, func(t testing.TB, c storagetest.Conditions) storage.Store {
		s, err := OpenStore(filepath.Join(t.TempDir(), "store.db"), Options{Clock: c.Clock, Limits: c.Limits})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}
