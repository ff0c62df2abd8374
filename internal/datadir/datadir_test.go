package datadir

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test start itself as another process that holds a lock.
func TestMain(m *testing.M) {
	if dir := os.Getenv("DATADIR_HOLD"); dir != "" {
		if _, err := Dir(dir).Lock(); err != nil {
			os.Stdout.WriteString("refused\n")
			os.Exit(1)
		}
		os.Stdout.WriteString("held\n")
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestSecondHostIsRefusedWithTheHoldersProcess(t *testing.T) {
	dir := Dir(filepath.Join(t.TempDir(), "deep", "data"))
	if err := dir.Make(); err != nil {
		t.Fatal(err)
	}
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), "DATADIR_HOLD="+string(dir))
	stdin, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if line, _ := bufio.NewReader(stdout).ReadString('\n'); strings.TrimSpace(line) != "held" {
		t.Fatalf("holder said %q", line)
	}
	var held *HeldError
	if _, err := dir.Lock(); !errors.As(err, &held) || held.PID != holder.Process.Pid {
		t.Fatalf("got %v, wanted a HeldError of process %d", err, holder.Process.Pid)
	}
	// However the holder ends, the directory is free.
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	_ = stdin.Close()
	lock, err := dir.Lock()
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if lock, err = dir.Lock(); err != nil {
		t.Fatalf("after Release: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
}
