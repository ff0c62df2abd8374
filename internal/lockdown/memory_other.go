//go:build !linux

package lockdown

// memory is not to be had: see ErrNotWatchable.
type memory struct{}

func openMemory(int) (*memory, error) { return nil, ErrNotWatchable }

func (*memory) private() (uint64, error) { return 0, ErrNotWatchable }

func (*memory) close() {}
