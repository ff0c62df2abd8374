// Command innkeeper is what authors of plugins and operators work with: it runs
// plugins in a chat in the terminal, packs them, and says what they are.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/innkeeper-host/innkeeper"
)

// Exit codes, as --help tells them.
const (
	exitFailed      = 1   // something that was asked for did not work
	exitUsage       = 2   // the command line is wrong
	exitInterrupted = 130 // Ctrl-C
)

func main() {
	innkeeper.RunWorker()
	os.Exit(run())
}

func run() int {
	err := newRoot().ExecuteContext(context.Background())
	if err == nil {
		return 0
	}
	var told *toldError
	if !errors.As(err, &told) {
		fmt.Fprintln(os.Stderr, newInk(os.Stderr).bad("innkeeper: ")+shown(err.Error()))
	}
	var code *exitError
	switch {
	case errors.As(err, &code):
		return code.code
	case told != nil:
		return exitFailed
	default:
		return exitFailed
	}
}

// exitError is an error with an exit code of its own.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// toldError is a failure whose details have been printed already.
type toldError struct{ err error }

func (e *toldError) Error() string { return e.err.Error() }
func (e *toldError) Unwrap() error { return e.err }
