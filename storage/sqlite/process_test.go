package sqlite

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/innkeeper-host/innkeeper/storage"
)

// A test that needs another process starts this binary again with childMode
// and childPath set.
const (
	childMode = "STORAGE_TEST_CHILD"
	childPath = "STORAGE_TEST_PATH"
)

func TestMain(m *testing.M) {
	switch mode := os.Getenv(childMode); mode {
	case "":
		goleak.VerifyTestMain(m)
	case "write":
		fail(writeForEver(os.Getenv(childPath)))
	case "increment":
		fail(incrementMany(os.Getenv(childPath)))
	default:
		fail(errors.New("unknown child mode " + mode))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// pause lets others run; the test waits for a condition, not for this long.
func pause() { time.Sleep(100 * time.Microsecond) }

func child(t *testing.T, mode, path string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childMode+"="+mode, childPath+"="+path)
	cmd.Stderr = os.Stderr
	return cmd
}

const writers = 4

// writeForEver writes from several goroutines and prints a line for each write
// that was answered: writer and number. It ends only when it is killed.
func writeForEver(path string) error {
	s, err := OpenStore(path, Options{})
	if err != nil {
		return err
	}
	var out sync.Mutex
	errs := make(chan error)
	for w := range writers {
		go func() {
			for {
				r, err := s.Write(background, "local/killed", storage.Increment{Key: fmt.Sprint("last/", w), By: 1},
					setOf(fmt.Sprintf("many/%d/%d", w, time.Now().UnixNano()%500), time.Now().String()))
				if err != nil || r[0].Err != nil {
					errs <- fmt.Errorf("write: %v %v", err, r)
					return
				}
				out.Lock()
				_, err = fmt.Printf("%d %.0f\n", w, r[0].Number)
				out.Unlock()
				if err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	return <-errs
}

func setOf(key, text string) storage.Set {
	return storage.Set{Entries: []storage.Entry{{Key: key, Value: storage.Value{Data: strconv.AppendQuote(nil, text)}}}}
}

func TestAnsweredWritesOutliveAKilledProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	var answered [writers]float64
	for round := range 50 {
		cmd := child(t, "write", path)
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Killed after a different number of answers each time, in the middle
		// of whatever it is doing then.
		killAfter := 1 + round*7%60
		lines := bufio.NewScanner(pipe)
		for seen := 0; lines.Scan(); {
			var (
				w int
				n float64
			)
			if _, err := fmt.Sscan(lines.Text(), &w, &n); err != nil {
				break // cut in the middle of a line: not an answer
			}
			if n <= answered[w] {
				t.Fatalf("round %d: writer %d was answered %v after %v", round, w, n, answered[w])
			}
			answered[w] = n
			if seen++; seen == killAfter {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, _ = io.Copy(io.Discard, pipe)
		_ = cmd.Wait() // killed, which is an error
		if cmd.ProcessState.Exited() {
			t.Fatalf("round %d: the child ended by itself: %v", round, cmd.ProcessState)
		}
		checkAfterKill(t, path, round, answered[:])
	}
	t.Logf("answered writes: %v", answered)
}

func checkAfterKill(t *testing.T, path string, round int, answered []float64) {
	t.Helper()
	s, err := OpenStore(path, Options{})
	if err != nil {
		t.Fatalf("round %d: %v", round, err)
	}
	defer s.Close()
	for w, n := range answered {
		v, err := s.Get(background, "local/killed", fmt.Sprint("last/", w))
		if err != nil {
			t.Fatal(err)
		}
		stored := 0.0
		if v[0] != nil {
			stored, _ = strconv.ParseFloat(string(v[0].Data), 64)
		}
		if stored < n {
			t.Fatalf("round %d: writer %d was answered %v, but %v is there", round, w, n, stored)
		}
	}
	wantIntegrity(t, s)
}

// wantIntegrity holds the file against SQLite's own check and the usage row
// against what is there.
func wantIntegrity(t *testing.T, s *Store) {
	t.Helper()
	err := s.db.Read(background, func(tx *Tx) error {
		var verdict string
		if err := tx.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil {
			return err
		}
		if verdict != "ok" {
			t.Errorf("integrity_check says %s", verdict)
		}
		var wrong int
		err := tx.QueryRow(`SELECT count(*) FROM identity WHERE
			bytes <> (SELECT coalesce(sum(length(key) + length(value)), 0) FROM kv WHERE owner = id)
			OR keys <> (SELECT count(*) FROM kv WHERE owner = id)`).Scan(&wrong)
		if wrong > 0 {
			t.Errorf("the usage of %d identities is wrong", wrong)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

const incrementsEach = 200

func incrementMany(path string) error {
	s, err := OpenStore(path, Options{})
	if err != nil {
		return err
	}
	for range incrementsEach {
		r, err := s.Write(background, "local/shared", storage.Increment{Key: "n", By: 1})
		if err != nil {
			return err
		}
		if r[0].Err != nil {
			return r[0].Err
		}
	}
	return s.Close()
}

func TestSeveralProcessesShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	// They also race to make the file and its tables.
	var cmds []*exec.Cmd
	for range 3 {
		cmd := child(t, "increment", path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, cmd)
	}
	fail := incrementMany(path)
	for _, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if fail != nil {
		t.Fatal(fail)
	}
	s, err := OpenStore(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	v, err := s.Get(background, "local/shared", "n")
	if want := fmt.Sprint(4 * incrementsEach); err != nil || string(v[0].Data) != want {
		t.Errorf("the sum is %s, %v, want %s", v[0].Data, err, want)
	}
	wantIntegrity(t, s)
}

func TestTwoHandlesSeeEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	var stores [2]*Store
	for i := range stores {
		s, err := OpenStore(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		stores[i] = s
	}
	for i := range 10 {
		from, to := stores[i%2], stores[(i+1)%2]
		text := fmt.Sprint(i)
		if _, err := from.Write(background, "local/x", setOf("k", text)); err != nil {
			t.Fatal(err)
		}
		v, err := to.Get(background, "local/x", "k")
		if err != nil || v[0] == nil || string(v[0].Data) != strconv.Quote(text) {
			t.Fatalf("the other sees %v, %v", v[0], err)
		}
	}
	runtime.KeepAlive(stores)
}
