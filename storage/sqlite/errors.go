package sqlite

import (
	"errors"
	"fmt"
	"syscall"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/innkeeper-host/innkeeper/storage"
)

// translate puts the storage package's error in front of the driver's where a
// caller would want to tell them apart.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if kind := kindOf(err); kind != nil && !errors.Is(err, kind) {
		return fmt.Errorf("%w (%w)", kind, err)
	}
	return err
}

func kindOf(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return storage.ErrFull
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		return nil
	}
	// The shared index beside the log could not grow.
	if e.Code() == codes.SQLITE_IOERR_SHMSIZE {
		return storage.ErrFull
	}
	switch e.Code() & 0xff {
	case codes.SQLITE_FULL:
		return storage.ErrFull
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return storage.ErrBusy
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		return storage.ErrDamaged
	}
	return nil
}
