package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"innkeeper": main})
}

// TestScript runs the scripts of testdata/script: each keeps the promise that its
// file is named for, with the real program in processes of its own.
func TestScript(t *testing.T) {
	examples, err := filepath.Abs(filepath.Join("..", "..", "examples"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			home := filepath.Join(e.WorkDir, "home")
			e.Setenv("HOME", home)
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
			e.Setenv("AppData", home)
			e.Setenv("EXAMPLES", examples)
			e.Values[chatsKey{}] = map[string]*conversation{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"chat": cmdChat, "type": cmdType, "long": cmdLong, "expect": cmdExpect, "signal": cmdSignal, "ends": cmdEnds,
			"usage": wantCode(exitUsage), "fails": wantCode(exitFailed),
		},
	})
}

// wantCode makes a command of scripts that runs a program and wants an exit code.
func wantCode(want int) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		if len(args) == 0 {
			ts.Fatalf("wanted a program and its arguments")
		}
		err := ts.Exec(args[0], args[1:]...)
		code := 0
		if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
			code = failed.ExitCode()
		} else {
			ts.Check(err)
		}
		if code != want {
			ts.Fatalf("exit code %d, wanted %d", code, want)
		}
	}
}
