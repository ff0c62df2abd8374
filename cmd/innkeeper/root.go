package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/problem"
	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/terminal"
	"github.com/innkeeper-host/innkeeper/internal/visible"
)

// The exit codes. A process that a signal stopped gives 128 and its number.
const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2
)

// exitCode is the error of a command that has said already what there is to say.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// usageError is a wrong use that only the command itself could find.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// pluginProblem is a failure to read the plugin at a path; it is shown with its
// places.
type pluginProblem struct {
	path string
	err  error
}

func (e *pluginProblem) Error() string { return e.err.Error() }
func (e *pluginProblem) Unwrap() error { return e.err }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "innkeeper",
		Short: "Run, pack, inspect and check plugins of a chat",
		Long: `innkeeper is the tool of those who write plugins for a chat, and a small chat to
try them in. A plugin is a folder with a manifest.json, or the package file that
"innkeeper pack" makes of one.

Exit codes: 0 fine, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.`,
		Example: `  innkeeper run examples/hello                try a plugin; type !example
  innkeeper check examples/hello              see what is wrong with it
  innkeeper pack examples/hello               make one file of it
  innkeeper inspect example-plugin-1.0.0.plugin.json`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("innkeeper {{.Version}}\n")
	root.AddCommand(newRun(), newPack(), newInspect(), newCheck(), newInstall(), newVersion())
	return root
}

// execute runs the command line and returns the exit code.
func execute(args []string) int {
	root := newRoot()
	root.SetArgs(args)
	started := false
	root.PersistentPreRun = func(*cobra.Command, []string) { started = true }
	command, err := root.ExecuteC()
	if err == nil {
		return exitFine
	}
	if code := exitCode(0); errors.As(err, &code) {
		return int(code)
	}
	errOut := root.ErrOrStderr()
	if usage := (usageError{}); !started || errors.As(err, &usage) {
		fmt.Fprintf(errOut, "innkeeper: %s\nSee %s --help for how it is used.\n", visible.Text(err.Error()), command.CommandPath())
		return exitUsage
	}
	printFailure(errOut, err)
	return exitFailed
}

// onePath and somePaths check how many plugins a command was given.
func onePath(_ *cobra.Command, paths []string) error {
	if len(paths) != 1 {
		return fmt.Errorf("it takes one PATH, a plugin's folder or package file, and was given %d", len(paths))
	}
	return nil
}

func somePaths(_ *cobra.Command, paths []string) error {
	if len(paths) == 0 {
		return errors.New("it takes the PATH of a plugin, its folder or package file, or several, and was given none")
	}
	return nil
}

// printFailure says what happened, where, and what to do next.
func printFailure(w io.Writer, err error) {
	var p *pluginProblem
	if !errors.As(err, &p) {
		fmt.Fprintf(w, "innkeeper: %s\n", visible.Text(err.Error()))
		if next := terminal.NextStep(err); next != "" {
			fmt.Fprintln(w, next)
		}
		return
	}
	for _, one := range problem.Of(p.path, p.err) {
		fmt.Fprintf(w, "innkeeper: %s\n", one)
	}
}

// printJSON writes one object on a line.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
