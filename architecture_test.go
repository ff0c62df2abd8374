package innkeeper_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const modulePath = "github.com/innkeeper-host/innkeeper"

// mayImport is the shape of the module: what each package may import of it,
// directly. Names are relative to the module and "." is the root package; for a
// package of its own the longest pattern counts. One that no pattern names has
// no place in the module yet.
var mayImport = map[pathPattern]pathPatterns{
	"chat":                {},
	"jsruntime/...":       {"jsruntime/..."},
	"packaging":           {},
	"packaging/bundle":    {"packaging", "jsruntime/syntax"},
	"storage":             {},
	"storage/sqlite":      {"storage"},
	"storage/storagetest": {"storage"},
	"watch":               {},
	"bridge":              {"chat", "packaging", "internal/due"},
	"bridge/guest":        {"bridge", "chat", "packaging", "jsruntime/..."},
	"bridge/host":         {"bridge", "chat", "packaging", "storage", "internal/due", "internal/seal"},
	"bridge/worker":       {"bridge", "bridge/guest", "packaging/bundle", "jsruntime/..."},
	"bridge/ui":           {"chat"},
	"internal/...":        {"packaging", "storage", "internal/..."},
	".":                   {"chat", "jsruntime/...", "packaging/...", "storage/...", "watch", "bridge/...", "internal/..."},
	"chat/hosttest":       {".", "chat"},
	"analytics/...":       {".", "chat", "packaging", "storage/...", "analytics", "internal/..."},
	"marketplace/...":     {".", "chat", "packaging", "storage/...", "marketplace/...", "internal/..."},
	"examples/...":        {},
	// Commands, which are at the top and which nothing imports.
	"cmd/...":          {".", "..."},
	"internal/bench":   {".", "..."},
	"internal/fuzzall": {},
}

// anyMayImport are small things that know nothing of the rest.
var anyMayImport = pathPatterns{"internal/clock", "internal/atomicfile", "internal/queue", "internal/visible"}

// onlyMayImport says who may import what is not ours, directly.
var onlyMayImport = []struct {
	foreign pathPattern
	by      pathPatterns
}{
	{"github.com/dop251/...", pathPatterns{"jsruntime/...", "bridge/guest", "internal/bench"}}, // goja
	{"github.com/evanw/esbuild/...", pathPatterns{"packaging/bundle"}},
	{"github.com/fsnotify/...", pathPatterns{"watch"}},
	{"modernc.org/...", pathPatterns{"storage/sqlite", "internal/bench"}},
}

// neverReaches says what a package must not get hold of through any import.
var neverReaches = []struct {
	from    string
	foreign pathPatterns
}{
	{"bridge/host", pathPatterns{"github.com/dop251/..."}},
	{"bridge/guest", pathPatterns{"database/sql", "modernc.org/...", "net/http"}},
	{"packaging", pathPatterns{"github.com/dop251/...", "github.com/evanw/esbuild/..."}},
	{"jsruntime/syntax", pathPatterns{"github.com/evanw/esbuild/...", "github.com/dop251/goja"}},
	{"chat", pathPatterns{modulePath, modulePath + "/..."}},
}

func TestImportsRunDownwards(t *testing.T) {
	for path, imports := range listImports(t) {
		name, ok := ours(path)
		if !ok {
			continue
		}
		allowed, ok := allowedTo(name)
		if !ok {
			t.Errorf("%s is not in the table of this test: say there what it may import", name)
			continue
		}
		for _, imported := range imports {
			if to, ok := ours(imported); ok && !allowed.match(to) && !anyMayImport.match(to) {
				t.Errorf("%s imports %s; of this module it may import only %v and %v", name, to, allowed, anyMayImport)
			}
		}
	}
}

func TestNobodyImportsACommandOrAnExample(t *testing.T) {
	for path, imports := range listImports(t) {
		for _, imported := range imports {
			to, ok := ours(imported)
			if ok && (pathPatterns{"cmd/...", "examples/...", "internal/bench", "internal/fuzzall"}).match(to) &&
				!strings.HasPrefix(path, modulePath+"/cmd/") {
				t.Errorf("%s imports %s", path, to)
			}
		}
	}
}

func TestOnlyOnePackageKnowsEachEngine(t *testing.T) {
	for path, imports := range listImports(t) {
		name, ok := ours(path)
		if !ok {
			continue
		}
		for _, rule := range onlyMayImport {
			for _, imported := range imports {
				if rule.foreign.matches(imported) && !rule.by.match(name) {
					t.Errorf("%s imports %s; only %v may", name, imported, rule.by)
				}
			}
		}
	}
}

func TestNoPackageReachesWhatItMustNotKnow(t *testing.T) {
	graph := listImports(t)
	for _, rule := range neverReaches {
		from := modulePath + "/" + rule.from
		if _, ok := graph[from]; !ok {
			t.Errorf("there is no package %s", rule.from)
		}
		for _, foreign := range rule.foreign {
			if chain := graph.chain(from, foreign); chain != nil {
				t.Errorf("%s must not reach %s, and does:\n\t%s", rule.from, foreign, strings.Join(chain, "\n\timports "))
			}
		}
	}
}

// importGraph is what each package imports, by path.
type importGraph map[string][]string

// listImports asks the go tool what every package of the module, and everything
// that these need, imports. Tests may import what they like and are not asked.
func listImports(t *testing.T) importGraph {
	t.Helper()
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not on this machine's PATH: the imports were not checked")
	}
	list := exec.Command(tool, "list", "-deps", "-json=ImportPath,Imports", "./...")
	var complaints bytes.Buffer
	list.Stderr = &complaints
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaints.Bytes())
	}
	graph := importGraph{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return graph
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		graph[p.ImportPath] = p.Imports
	}
}

// chain is the shortest chain of imports from a package to another one that
// matches, or nil.
func (g importGraph) chain(from string, to pathPattern) []string {
	cameFrom := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at != from && to.matches(at) {
			var chain []string
			for ; at != ""; at = cameFrom[at] {
				chain = append(chain, at)
			}
			slices.Reverse(chain)
			return chain
		}
		for _, next := range g[at] {
			if _, seen := cameFrom[next]; !seen {
				cameFrom[next] = at
				queue = append(queue, next)
			}
		}
	}
	return nil
}

// ours is a path relative to the module, and whether it is in it.
func ours(path string) (name string, ok bool) {
	if path == modulePath {
		return ".", true
	}
	return strings.CutPrefix(path, modulePath+"/")
}

// allowedTo is what the table says of a package.
func allowedTo(name string) (allowed pathPatterns, ok bool) {
	longest := -1
	for pattern, list := range mayImport {
		if pattern.matches(name) && len(pattern) > longest {
			allowed, longest = list, len(pattern)
		}
	}
	return allowed, longest >= 0
}

// pathPattern is a path; "/..." behind it means those below it as well, and "..."
// alone means all but the root.
type pathPattern string

func (p pathPattern) matches(path string) bool {
	if p == "..." {
		return path != "."
	}
	above, ok := strings.CutSuffix(string(p), "/...")
	return path == above || ok && strings.HasPrefix(path, above+"/")
}

type pathPatterns []pathPattern

func (list pathPatterns) match(path string) bool {
	return slices.ContainsFunc(list, func(p pathPattern) bool { return p.matches(path) })
}
