package lockdown

import (
	"encoding/binary"
	"runtime"
	"slices"
	"testing"
	"time"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

func init() { children["time"] = timeChild }

// filter runs the assembled policy as the kernel would, for any call of any
// processor, without making the call.
type filter struct {
	vm        *bpf.VM
	processor uint32
}

func newFilter(t *testing.T, pid int) filter {
	t.Helper()
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("the list of calls is not made for " + runtime.GOARCH)
	}
	policy, err := allowedCalls(pid)
	if err != nil {
		t.Fatal(err)
	}
	program, err := policy.Assemble()
	if err != nil {
		t.Fatal(err)
	}
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	processor, err := arch.GetInfo("")
	if err != nil {
		t.Fatal(err)
	}
	return filter{vm, uint32(processor.ID)}
}

// verdict lays the call out as struct seccomp_data. The kernel's words are of its
// own byte order, the VM's are big-endian, and so are these.
func (f filter) verdict(t *testing.T, processor, number uint32, arguments ...uint64) seccomp.Action {
	t.Helper()
	data := binary.BigEndian.AppendUint32(nil, number)
	data = binary.BigEndian.AppendUint32(data, processor)
	data = binary.BigEndian.AppendUint64(data, 0) // instruction pointer
	for i := range 6 {
		var argument uint64
		if i < len(arguments) {
			argument = arguments[i]
		}
		data = binary.BigEndian.AppendUint32(data, uint32(argument)) // little-endian machine: low half first
		data = binary.BigEndian.AppendUint32(data, uint32(argument>>32))
	}
	result, err := f.vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return seccomp.Action(uint32(result))
}

func TestOnlyListedCallsPass(t *testing.T) {
	f := newFilter(t, 1234)
	processor, _ := arch.GetInfo("")
	conditional := []string{"mmap", "mprotect", "madvise", "clone", "tgkill", "futex", "fcntl"}
	for number := range uint32(1024) {
		name := processor.SyscallNumbers[int(number)]
		got := f.verdict(t, f.processor, number) == seccomp.ActionAllow
		switch {
		case slices.Contains(conditional, name): // below
		case got != slices.Contains(allowedAlways, name):
			t.Errorf("call %d (%s): allowed is %v", number, name, got)
		}
		for _, other := range []uint32{f.processor ^ 0x80000000, 0x40000003 /* i386 */, 0} {
			if f.verdict(t, other, number) == seccomp.ActionAllow {
				t.Errorf("call %d of processor %#x passes", number, other)
			}
		}
		if runtime.GOARCH == "amd64" && f.verdict(t, f.processor, number|0x40000000) == seccomp.ActionAllow {
			t.Errorf("call %d in its x32 form passes", number)
		}
	}
}

func TestArgumentsDecide(t *testing.T) {
	f := newFilter(t, 1234)
	const (
		anonymous = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS
		high      = 1 << 32
	)
	for _, row := range []struct {
		name      string
		number    uint32
		arguments []uint64
		allowed   bool
	}{
		{"mmap as Go does", unix.SYS_MMAP, []uint64{0, 4096, unix.PROT_READ | unix.PROT_WRITE, anonymous, 0xffffffff}, true},
		{"mmap reserved", unix.SYS_MMAP, []uint64{0, 4096, unix.PROT_NONE, anonymous | unix.MAP_NORESERVE | unix.MAP_FIXED}, true},
		{"mmap executable", unix.SYS_MMAP, []uint64{0, 4096, unix.PROT_EXEC, anonymous}, false},
		{"mmap shared", unix.SYS_MMAP, []uint64{0, 4096, unix.PROT_READ, unix.MAP_SHARED | unix.MAP_ANONYMOUS}, false},
		{"mmap of a file", unix.SYS_MMAP, []uint64{0, 4096, unix.PROT_READ, unix.MAP_PRIVATE, 3}, false},
		{"mprotect", unix.SYS_MPROTECT, []uint64{0, 4096, unix.PROT_READ | unix.PROT_WRITE}, true},
		{"mprotect executable", unix.SYS_MPROTECT, []uint64{0, 4096, unix.PROT_READ | unix.PROT_EXEC}, false},
		{"madvise", unix.SYS_MADVISE, []uint64{0, 4096, unix.MADV_DONTNEED}, true},
		{"madvise poison", unix.SYS_MADVISE, []uint64{0, 4096, unix.MADV_HWPOISON}, false},
		{"clone as Go does", unix.SYS_CLONE, []uint64{0x50f00}, true},
		{"clone as glibc does", unix.SYS_CLONE, []uint64{0x3d0f00}, true},
		{"clone as musl does", unix.SYS_CLONE, []uint64{0x7d0f00}, true},
		{"clone as fork does", unix.SYS_CLONE, []uint64{uint64(unix.SIGCHLD)}, false},
		{"clone as vfork does", unix.SYS_CLONE, []uint64{uint64(unix.SIGCHLD) | unix.CLONE_VM | unix.CLONE_VFORK}, false},
		{"clone with a network of its own", unix.SYS_CLONE, []uint64{0x50f00 | unix.CLONE_NEWNET}, false},
		{"clone with a high bit", unix.SYS_CLONE, []uint64{0x50f00 | high}, false},
		{"tgkill inside", unix.SYS_TGKILL, []uint64{1234, 1235, 23}, true},
		{"tgkill outside", unix.SYS_TGKILL, []uint64{1235, 1235, 23}, false},
		{"tgkill outside, high bit", unix.SYS_TGKILL, []uint64{1234 | high, 1235, 23}, false},
		{"futex wait", unix.SYS_FUTEX, []uint64{0, 128}, true},
		{"futex wake", unix.SYS_FUTEX, []uint64{0, 129}, true},
		{"futex shared", unix.SYS_FUTEX, []uint64{0, 0}, false},
		{"futex requeue", unix.SYS_FUTEX, []uint64{0, 131}, false},
		{"fcntl F_GETFL", unix.SYS_FCNTL, []uint64{0, unix.F_GETFL}, true},
		{"fcntl F_SETFL", unix.SYS_FCNTL, []uint64{0, unix.F_SETFL}, false},
		{"fcntl F_SETOWN", unix.SYS_FCNTL, []uint64{0, unix.F_SETOWN}, false},
		{"fcntl F_SETSIG", unix.SYS_FCNTL, []uint64{0, unix.F_SETSIG}, false},
	} {
		if got := f.verdict(t, f.processor, row.number, row.arguments...) == seccomp.ActionAllow; got != row.allowed {
			t.Errorf("%s: allowed is %v, want %v", row.name, got, row.allowed)
		}
	}
	if got, want := f.verdict(t, f.processor, unix.SYS_CLONE3), seccomp.ActionErrno|seccomp.Action(unix.ENOSYS); got != want {
		t.Errorf("clone3 gives %#x, want %#x: glibc would not fall back to clone", uint32(got), uint32(want))
	}
}

// timed is what a lock-down costs.
type timed struct {
	Apply   time.Duration
	Private uint64 // bytes, more than before
}

func timeChild() any {
	// Held open, because nothing can be opened afterwards.
	own, err := openMemory(unix.Getpid())
	if err != nil {
		return err.Error()
	}
	before, _ := own.private()
	start := time.Now()
	lockDown()
	cost := timed{Apply: time.Since(start)}
	var buffer [128]byte
	n, _ := unix.Read(own.descriptor, buffer[:]) // pread64 is not on the list
	after, err := parseStatm(buffer[:n])
	if err != nil {
		return err.Error()
	}
	cost.Private = after.private()*own.page - min(before, after.private()*own.page)
	return cost
}

// BenchmarkApply locks one process down for each iteration, and reports what it
// took of the process's time and memory, not what starting it took.
func BenchmarkApply(b *testing.B) {
	var took []time.Duration
	var private uint64
	for b.Loop() {
		cost := runChild[timed](b, "time", nil)
		took = append(took, cost.Apply)
		private += cost.Private
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs/apply")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "µs/slowest")
	b.ReportMetric(float64(private)/float64(len(took))/1024, "KB/apply")
}

func BenchmarkSample(b *testing.B) {
	own, err := openMemory(unix.Getpid())
	if err != nil {
		b.Fatal(err)
	}
	defer own.close()
	for b.Loop() {
		if _, err := own.private(); err != nil {
			b.Fatal(err)
		}
	}
}
