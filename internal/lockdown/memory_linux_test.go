package lockdown

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper/internal/clock"
)

// hog is a child that takes memory when it is told to.
type hog struct {
	*exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
}

func startHog(t *testing.T) *hog {
	t.Helper()
	h := &hog{Cmd: childCommand(t, "hog", nil)}
	h.Cmd.Stderr = &h.stderr
	var err error
	if h.in, err = h.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := h.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.out = bufio.NewReader(out)
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Process.Kill(); h.Wait() })
	h.hear(t, `"ready"`)
	return h
}

func (h *hog) hear(t *testing.T, want string) {
	t.Helper()
	line, err := h.out.ReadString('\n')
	if err != nil || strings.TrimSpace(line) != want {
		t.Fatalf("the child said %q (%v), want %s", line, err, want)
	}
}

func (h *hog) take(t *testing.T, megabytes int) {
	t.Helper()
	fmt.Fprintln(h.in, megabytes)
	h.hear(t, fmt.Sprintf(`"%d"`, megabytes))
}

func TestWatchReportsExcessOnce(t *testing.T) {
	h := startHog(t)
	fake := clock.NewFake(time.Unix(0, 0))
	var reports []Excess
	watching, err := Watch(fake, h.Process.Pid, Limits{Memory: 40 * megabyte}, func(e Excess) { reports = append(reports, e) })
	if err != nil {
		t.Fatal(err)
	}
	defer watching.Close()

	h.take(t, 10)
	fake.Advance(50 * time.Millisecond)
	if len(reports) != 0 {
		t.Fatalf("reported %v at 10 MB of 40", reports)
	}
	h.take(t, 50)
	fake.Advance(50 * time.Millisecond)
	if len(reports) != 1 {
		t.Fatalf("%d reports at 60 MB of 40, want 1", len(reports))
	}
	e := reports[0]
	if e.PID != h.Process.Pid || e.Bound != e.Rest+40*megabyte || e.Used <= e.Bound {
		t.Errorf("reported %+v", e)
	}
	if fake.Waiting() != 0 {
		t.Error("the watch goes on after its report")
	}
	if watching.Peak() != e.Used {
		t.Errorf("peak %d, reported %d", watching.Peak(), e.Used)
	}
}

func TestWatchEndsWithTheProcess(t *testing.T) {
	h := startHog(t)
	fake := clock.NewFake(time.Unix(0, 0))
	_, err := Watch(fake, h.Process.Pid, Limits{}, func(e Excess) { t.Errorf("reported %v", e) })
	if err != nil {
		t.Fatal(err)
	}
	h.Process.Kill()
	h.Wait()
	fake.Advance(time.Second)
	if n := fake.Waiting(); n != 0 {
		t.Errorf("%d timers still wait for a process that has ended", n)
	}
}

func TestWatchClosedReportsNothing(t *testing.T) {
	h := startHog(t)
	fake := clock.NewFake(time.Unix(0, 0))
	watching, err := Watch(fake, h.Process.Pid, Limits{Memory: megabyte}, func(e Excess) { t.Errorf("reported %v", e) })
	if err != nil {
		t.Fatal(err)
	}
	h.take(t, 20)
	watching.Close()
	watching.Close()
	fake.Advance(time.Second)
}

func TestWatchOfNoProcessFails(t *testing.T) {
	if _, err := Watch(clock.NewFake(time.Unix(0, 0)), 1<<30, Limits{}, nil); err == nil {
		t.Error("it watches a process that is not there")
	}
}

func TestWatchWithTheMachinesClock(t *testing.T) {
	h := startHog(t)
	reports := make(chan Excess, 2)
	watching, err := Watch(clock.System, h.Process.Pid, Limits{Memory: 20 * megabyte, SampleEvery: time.Millisecond}, func(e Excess) { reports <- e })
	if err != nil {
		t.Fatal(err)
	}
	defer watching.Close()
	h.take(t, 60)
	<-reports
}

func TestTooMuchMemoryEndsTheProcessAndNoOther(t *testing.T) {
	if standardAddressSpace > 1024*megabyte {
		t.Skip("the race detector needs more address space than this machine should be asked for")
	}
	h := startHog(t)
	fmt.Fprintln(h.in, 2000)
	if line, err := h.out.ReadString('\n'); err == nil {
		t.Fatalf("it took 2 GB, and said %s", line)
	}
	err := h.Wait()
	if err == nil || !strings.Contains(h.stderr.String(), "memory") {
		t.Fatalf("it ended with %v and\n%s", err, h.stderr.String())
	}
}

func FuzzStatm(f *testing.F) {
	f.Add([]byte("309 120 30 1 0 100 0\n"))
	f.Add([]byte("0 0 0 0 0 0 0"))
	f.Add([]byte("1 2"))
	f.Add([]byte("99999999999999999999 1 1"))
	if real, err := os.ReadFile("/proc/self/statm"); err == nil {
		f.Add(real)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		pages, err := parseStatm(text)
		if err == nil && pages.private() > pages.resident {
			t.Errorf("%q: more private than resident", text)
		}
	})
}
