package order

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func names(nodes []Node) string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.Name)
	}
	return strings.Join(out, " ")
}

func node(name, version string, needs ...string) Node {
	n := Node{Name: name, Version: version, Needs: map[string]string{}}
	for i := 0; i < len(needs); i += 2 {
		n.Needs[needs[i]] = needs[i+1]
	}
	return n
}

func TestDependenciesComeFirst(t *testing.T) {
	sorted, failed := Of([]Node{
		node("a", "1.0.0", "c", "^1.0.0", "b", "*"),
		node("b", "2.0.0", "c", ">=1", "there", "1.x"),
		node("c", "1.5.0"),
	}, map[string]string{"there": "1.9.0"})
	if len(failed) != 0 || names(sorted) != "c b a" {
		t.Errorf("got %s, %v", names(sorted), failed)
	}
}

func TestWhatCannotStartIsNamed(t *testing.T) {
	sorted, failed := Of([]Node{
		node("a", "1.0.0", "nowhere", "*"),
		node("b", "1.0.0", "a", "*"),
		node("c", "1.0.0", "d", "^2.0.0"),
		node("d", "1.0.0"),
		node("e", "1.0.0", "f", "*"),
		node("f", "1.0.0", "g", "*"),
		node("g", "1.0.0", "e", "*"),
		node("h", "1.0.0", "h", "*"),
		node("i", "1.0.0", "old", "^2"),
	}, map[string]string{"old": "1.0.0"})
	if names(sorted) != "d" {
		t.Errorf("sorted %s", names(sorted))
	}
	for name, want := range map[string]string{
		"a": "Missing dependency: nowhere (needed by a)",
		"b": "b needs a, which cannot start: Missing dependency: nowhere (needed by a)",
		"c": "c needs d ^2.0.0, but d is 1.0.0",
		"e": "Dependency cycle: e needs f needs g needs e",
		"g": "Dependency cycle: e needs f needs g needs e",
		"h": "Dependency cycle: h needs h",
		"i": "i needs old ^2, but old is 1.0.0",
	} {
		if failed[name] == nil || failed[name].Error() != want {
			t.Errorf("%s: got %v, wanted %s", name, failed[name], want)
		}
	}
	var missing *MissingError
	if !errors.As(failed["b"], &missing) || missing.Needs != "nowhere" {
		t.Errorf("b: %v", failed["b"])
	}
}

func TestEveryNodeIsSortedOrFailedAndAfterItsNeeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := []string{"a", "b", "c", "d", "e", "f"}
		var nodes []Node
		for _, name := range all {
			n := node(name, "1.0.0")
			for _, need := range rapid.SliceOfDistinct(rapid.SampledFrom(append(all, "missing")), rapid.ID[string]).Draw(t, name) {
				if rapid.IntRange(0, 2).Draw(t, "keep") == 0 {
					n.Needs[need] = "*"
				}
			}
			nodes = append(nodes, n)
		}
		sorted, failed := Of(nodes, nil)
		if len(sorted)+len(failed) != len(nodes) {
			t.Fatalf("%d sorted, %d failed, of %d", len(sorted), len(failed), len(nodes))
		}
		before := map[string]bool{}
		for _, n := range sorted {
			for need := range n.Needs {
				if !before[need] {
					t.Fatalf("%s starts before %s", n.Name, need)
				}
			}
			before[n.Name] = true
		}
	})
}
