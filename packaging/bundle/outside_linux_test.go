package bundle_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

var openedPath = regexp.MustCompile(`open(?:at|at2)?\((?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)"`)

// harmless are the names that may be opened: esbuild lists its working folder,
// the root, whatever it builds.
var harmless = map[string]bool{"/": true}

// TestBuildOpensNoFile runs all attempts in a child of its own under strace.
func TestBuildOpensNoFile(t *testing.T) {
	if os.Getenv("BUNDLE_OPENS_NO_FILE") != "" {
		attempts := reaching(os.Getenv("BUNDLE_OPENS_NO_FILE"))
		_ = syscall.Access("/begin-of-the-builds", 0)
		for _, texts := range attempts {
			_, _ = bundle.Build(context.Background(), files(texts), bundle.Options{})
		}
		_ = syscall.Access("/end-of-the-builds", 0)
		return
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: whether a build opens files is not watched here")
	}
	dir := plant(t)
	log := filepath.Join(t.TempDir(), "log")
	c := exec.Command(strace, "-f", "-e", "trace=%file", "-o", log, os.Args[0], "-test.run=^TestBuildOpensNoFile$")
	c.Env = append(os.Environ(), "BUNDLE_OPENS_NO_FILE="+dir)
	if out, err := c.CombinedOutput(); err != nil {
		t.Skipf("strace cannot watch a process here: %v: %s", err, out)
	}
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	_, during, ok := strings.Cut(string(data), "begin-of-the-builds")
	during, _, ok2 := strings.Cut(during, "end-of-the-builds")
	if !ok || !ok2 {
		t.Fatal("the marks of the builds are not in the log")
	}
	for _, line := range strings.Split(during, "\n") {
		if strings.Contains(line, dir) || strings.Contains(line, "secret") {
			t.Errorf("a build touches a file: %s", line)
		}
		if opened := openedPath.FindStringSubmatch(line); opened != nil && !harmless[opened[1]] {
			t.Errorf("a build opens a file: %s", line)
		}
	}
}
