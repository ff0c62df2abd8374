package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts' commands for a chat that goes on while the script does:
//
//	chat NAME ARG…            starts innkeeper with its input open; $NAME_PID is its process
//	type NAME TEXT            types a line; without TEXT the input ends
//	long NAME BYTES           types a line of that many bytes
//	expect NAME STREAM REGEXP waits until stdout or stderr has that
//	signal NAME INT|TERM      sends a signal
//	ends NAME CODE            waits for its end and holds its exit code against CODE

// patience is how long a script waits for what must come; nothing passes or fails
// by how fast it comes.
const patience = time.Minute

type chatsKey struct{}

// conversation is an innkeeper that a script talks to.
type conversation struct {
	cmd            *exec.Cmd
	in             io.WriteCloser
	stdout, stderr watched
	done           chan struct{}
}

// watched is output that can be waited for.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed at the next write
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.more != nil {
		close(w.more)
		w.more = nil
	}
	return w.text.Write(p)
}

// look returns the text so far, and a channel that tells of more.
func (w *watched) look() (string, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.more == nil {
		w.more = make(chan struct{})
	}
	return w.text.String(), w.more
}

func cmdChat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: chat NAME ARG…")
	}
	binary, err := os.Executable()
	ts.Check(err)
	r := &conversation{cmd: exec.Command(binary), done: make(chan struct{})}
	r.cmd.Args = append([]string{"innkeeper"}, args[1:]...)
	r.cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData", "PATH", "TMPDIR"} {
		r.cmd.Env = append(r.cmd.Env, name+"="+ts.Getenv(name))
	}
	r.cmd.Stdout, r.cmd.Stderr = &r.stdout, &r.stderr
	r.in, err = r.cmd.StdinPipe()
	ts.Check(err)
	ts.Check(r.cmd.Start())
	go func() {
		_ = r.cmd.Wait() // ends looks at the state
		close(r.done)
	}()
	ts.Defer(func() {
		_ = r.cmd.Process.Kill()
		<-r.done
	})
	ts.Value(chatsKey{}).(map[string]*conversation)[args[0]] = r
	ts.Setenv(args[0]+"_PID", strconv.Itoa(r.cmd.Process.Pid))
}

func chatNamed(ts *testscript.TestScript, args []string, least int) *conversation {
	if len(args) < least {
		ts.Fatalf("too few arguments: see chat_test.go")
	}
	r := ts.Value(chatsKey{}).(map[string]*conversation)[args[0]]
	if r == nil {
		ts.Fatalf("there is no chat %s", args[0])
	}
	return r
}

func cmdType(ts *testscript.TestScript, _ bool, args []string) {
	r := chatNamed(ts, args, 1)
	if len(args) == 1 {
		ts.Check(r.in.Close())
		return
	}
	_, err := io.WriteString(r.in, strings.Join(args[1:], " ")+"\n")
	ts.Check(err)
}

func cmdLong(ts *testscript.TestScript, _ bool, args []string) {
	r := chatNamed(ts, args, 2)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	// The reader may give up before the end.
	if _, err := io.WriteString(r.in, strings.Repeat("x", n)+"\n"); !errors.Is(err, syscall.EPIPE) {
		ts.Check(err)
	}
}

func cmdExpect(ts *testscript.TestScript, neg bool, args []string) {
	r := chatNamed(ts, args, 3)
	stream := &r.stdout
	if args[1] == "stderr" {
		stream = &r.stderr
	}
	want, err := regexp.Compile("(?m)" + args[2])
	ts.Check(err)
	if neg {
		if text, _ := stream.look(); want.MatchString(text) {
			ts.Fatalf("%s of %s has %s:\n%s", args[1], args[0], args[2], text)
		}
		return
	}
	late := time.After(patience)
	for {
		text, more := stream.look()
		if want.MatchString(text) {
			return
		}
		select {
		case <-more:
		case <-r.done:
			if text, _ = stream.look(); !want.MatchString(text) {
				ts.Fatalf("%s of %s ended without %s:\n%s", args[1], args[0], args[2], text)
			}
			return
		case <-late:
			ts.Fatalf("%s of %s never had %s:\n%s", args[1], args[0], args[2], text)
		}
	}
}

func cmdSignal(ts *testscript.TestScript, _ bool, args []string) {
	r := chatNamed(ts, args, 2)
	sig := os.Signal(os.Interrupt)
	if args[1] == "TERM" {
		sig = syscall.SIGTERM
	}
	if err := r.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		ts.Check(err)
	}
}

func cmdEnds(ts *testscript.TestScript, _ bool, args []string) {
	r := chatNamed(ts, args, 2)
	select {
	case <-r.done:
	case <-time.After(patience):
		ts.Fatalf("%s never ended", args[0])
	}
	if code := strconv.Itoa(r.cmd.ProcessState.ExitCode()); code != args[1] {
		out, _ := r.stdout.look()
		text, _ := r.stderr.look()
		ts.Fatalf("%s ended with %s, wanted %s\nstdout:\n%s\nstderr:\n%s", args[0], code, args[1], out, text)
	}
}
