package innkeeper_test

import (
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper/packaging"
)

// The Go program of the README is ExampleHost, which runs: the two may differ in
// their frame and in the data directory only.
func TestReadmeShowsTheExampleThatIsTested(t *testing.T) {
	shown := readmeBlock(t, "go", "package main")
	source := readText(t, "example_test.go")
	const from = "// terminal is"
	tested, _, ok := strings.Cut(source[strings.Index(source, from):], "\n\n\t// Output:")
	if !ok {
		t.Fatal("example_test.go: the example has no output")
	}
	tested = strings.NewReplacer("func ExampleHost()", "func main()", "exampleDir()", `"plugin-data"`).Replace(tested) + "\n}\n"
	if shown := shown[strings.Index(shown, from):]; shown != tested {
		t.Errorf("README.md shows\n%s\nand example_test.go has\n%s", shown, tested)
	}
	for _, path := range regexp.MustCompile(`(?m)^\t"(.+)"$`).FindAllStringSubmatch(shown, -1) {
		if !strings.Contains(source, path[0]) {
			t.Errorf("README.md imports %s, example_test.go does not", path[1])
		}
	}
}

// The plugin that the README has its reader type answers as the README says.
func TestReadmePluginAnswers(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": readmeBlock(t, "json", `"main"`),
		"index.ts":      readmeBlock(t, "ts", "definePlugin"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := open(t)
	if err := h.Load(limited(t), dir); err != nil {
		t.Fatal(err)
	}
	h.say("!roll")
	h.say("!roll")
	said := regexp.MustCompile(`^Ann rolls [1-6]\. That makes 1 roll in this chat\.\nAnn rolls [1-6]\. That makes 2 rolls in this chat\.$`)
	if got := strings.Join(h.app.texts(), "\n"); !said.MatchString(got) {
		t.Errorf("the plugin said %q", got)
	}
	if got := h.incidents("dice"); len(got) > 0 {
		t.Errorf("errors: %q", got)
	}
}

// The README's table names every member of context.api that works in this
// version, beside a permission that exists, and no other.
func TestReadmeListsWhatAPluginMayCall(t *testing.T) {
	var listed []string
	for _, line := range strings.Split(readText(t, "README.md"), "\n") {
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "or"), "|")
		if len(cells) != 5 || !strings.Contains(cells[2], "`") {
			continue
		}
		for _, word := range quoted(cells[1]) {
			resource, action, _ := strings.Cut(word, ":")
			if action != "" && packaging.Describe(resource, action) == "" {
				t.Errorf("README.md: there is no permission %s", word)
			}
		}
		for _, word := range quoted(cells[2]) {
			if name, ok := strings.CutPrefix(word, "api."); ok {
				listed = append(listed, name)
			}
		}
	}
	h := open(t)
	h.load(plugin("members", "", `
		const there = [];
		for (const name of Object.getOwnPropertyNames(api)) {
			let error;
			try { await api[name]() } catch (e) { error = e }
			if (error?.name !== "NotSupportedError") there.push(name);
		}
		log(there);`))
	var members []string
	if lines := h.lines("members"); len(lines) != 1 || json.Unmarshal([]byte(lines[0]), &members) != nil {
		t.Fatalf("the plugin logged %q", lines)
	}
	slices.Sort(listed)
	slices.Sort(members)
	if listed = slices.Compact(listed); !slices.Equal(listed, members) {
		t.Errorf("README.md lists  %v\ncontext.api has %v", listed, members)
	}
}

// quoted are the words between backquotes, without what follows a parenthesis.
func quoted(cell string) []string {
	var words []string
	for _, m := range regexp.MustCompile("`([^`(]+)[^`]*`").FindAllStringSubmatch(cell, -1) {
		words = append(words, m[1])
	}
	return words
}

// readmeBlock is the first block of a language in the README that contains a
// text.
func readmeBlock(t *testing.T, language, containing string) string {
	t.Helper()
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(readText(t, "README.md"), -1) {
		if strings.Contains(m[1], containing) {
			return m[1]
		}
	}
	t.Fatalf("README.md has no block of %s with %s", language, containing)
	return ""
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// exampleDir is an empty data directory for one example. Examples run one after
// another, so what the one before has left may go.
func exampleDir() string {
	if lastExampleDir != "" {
		if err := os.RemoveAll(lastExampleDir); err != nil {
			log.Fatal(err)
		}
	}
	dir, err := os.MkdirTemp("", "innkeeper-example-")
	if err != nil {
		log.Fatal(err)
	}
	lastExampleDir = dir
	return dir
}

var lastExampleDir string
