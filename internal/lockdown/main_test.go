package lockdown

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// The test binary starts itself again as the child of a test: childVariable
// names which one, leaveOutVariable the layers that it does without.
const (
	childVariable    = "LOCKDOWN_TEST_CHILD"
	leaveOutVariable = "LOCKDOWN_TEST_WITHOUT"
)

// children are what a child process does, by name. Each answers with one JSON
// value on standard output.
var children = map[string]func() any{
	"nothing": func() any { return nil },
	"report":  func() any { return lockDown() },
	"goja":    gojaChild,
	"hog":     hogChild,
}

func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		child, ok := children[name]
		if !ok {
			fmt.Fprintf(os.Stderr, "there is no child named %q\n", name)
			os.Exit(2)
		}
		answer(child())
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func answer(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Stdout.Write(append(line, '\n'))
}

// lockDown is Apply as the variables of this child want it.
func lockDown() Report {
	var without []Layer
	for layer := range strings.SplitSeq(os.Getenv(leaveOutVariable), ",") {
		without = append(without, Layer(layer))
	}
	report, err := apply(Limits{}, without...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return report
}

// childCommand is a child that was not started yet. Its environment is what is
// given, and nothing else.
func childCommand(t testing.TB, name string, without []Layer, environment ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var leftOut []string
	for _, layer := range without {
		leftOut = append(leftOut, string(layer))
	}
	command := exec.CommandContext(t.Context(), binary)
	command.Env = append(environment, childVariable+"="+name, leaveOutVariable+"="+strings.Join(leftOut, ","))
	return command
}

// runChild runs a child to its end and decodes what it answered.
func runChild[T any](t testing.TB, name string, without []Layer, environment ...string) T {
	t.Helper()
	command := childCommand(t, name, without, environment...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("child %s: %v\n%s\n%s", name, err, out, stderr.Bytes())
	}
	var value T
	if err := json.Unmarshal(out, &value); err != nil {
		t.Fatalf("child %s answered %q: %v", name, out, err)
	}
	return value
}
