package lockdown

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// memory is one process's /proc/PID/statm, held open: reading it again costs
// about a microsecond, and it never turns into another process's.
type memory struct {
	descriptor int
	page       uint64
	buffer     [128]byte // seven numbers of at most 16 digits
}

func openMemory(pid int) (*memory, error) {
	// Not os.Open: procfs gains nothing from the poller's care.
	descriptor, err := unix.Open(fmt.Sprintf("/proc/%d/statm", pid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("watch memory of worker %d: %w", pid, err)
	}
	return &memory{descriptor: descriptor, page: uint64(os.Getpagesize())}, nil
}

// private is how many bytes the process has to itself. It fails when the process
// has ended.
func (m *memory) private() (uint64, error) {
	var n int
	var err error
	for {
		n, err = unix.Pread(m.descriptor, m.buffer[:], 0)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return 0, err
	}
	pages, err := parseStatm(m.buffer[:n])
	if err != nil {
		return 0, err
	}
	if pages.resident == 0 {
		return 0, errors.New("it has ended")
	}
	return pages.private() * m.page, nil
}

func (m *memory) close() { unix.Close(m.descriptor) }
