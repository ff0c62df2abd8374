// Package order puts plugins in the order in which they may start: what others
// need comes first.
//
//   - Node: a plugin with its version and what it needs.
//   - Missing, Mismatch, Cycle: why there is no order.
//
// It must never know how a plugin is started.
package order

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Node is one plugin.
type Node struct {
	Name    string
	Version string
	Needs   map[string]string // name to semver range
}

// MissingError says that a plugin needs one that is not there.
type MissingError struct {
	Plugin, Needs string
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("Missing dependency: %s (needed by %s)", e.Needs, e.Plugin)
}

// MismatchError says that what a plugin needs is there in another version.
type MismatchError struct {
	Plugin, Needs, Want, Have string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s needs %s %s, but %s is %s", e.Plugin, e.Needs, e.Want, e.Needs, e.Have)
}

// CycleError names plugins that need each other in a circle: the first needs the
// second, and so on, and the last is the first again.
type CycleError struct{ Plugins []string }

func (e *CycleError) Error() string {
	return "Dependency cycle: " + strings.Join(e.Plugins, " needs ")
}

// Of returns the nodes in starting order, dependencies first and otherwise by
// name. there holds the versions of plugins that run already. Nodes whose
// dependencies cannot be met are left out, and so is what needs them; why is in
// failed, by name.
func Of(nodes []Node, there map[string]string) (sorted []Node, failed map[string]error) {
	byName := make(map[string]Node, len(nodes))
	for _, n := range nodes {
		byName[n.Name] = n
	}
	s := &sorter{nodes: byName, there: there, failed: map[string]error{}, done: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		_ = s.visit(name, nil)
	}
	return s.sorted, s.failed
}

type sorter struct {
	nodes  map[string]Node
	there  map[string]string
	failed map[string]error
	done   map[string]bool
	sorted []Node
}

func (s *sorter) visit(name string, path []string) error {
	if err := s.failed[name]; err != nil {
		return err
	}
	if s.done[name] {
		return nil
	}
	if at := slices.Index(path, name); at >= 0 {
		err := &CycleError{append(slices.Clone(path[at:]), name)}
		for _, member := range path[at:] {
			s.failed[member] = err
		}
		return err
	}
	n := s.nodes[name]
	path = append(path, name)
	for _, need := range slices.Sorted(maps.Keys(n.Needs)) {
		if err := s.meet(n, need, path); err != nil {
			if s.failed[name] == nil {
				s.failed[name] = err
			}
			return s.failed[name]
		}
	}
	s.done[name] = true
	s.sorted = append(s.sorted, n)
	return nil
}

// meet checks one need of n.
func (s *sorter) meet(n Node, need string, path []string) error {
	have, running := s.there[need]
	if other, ok := s.nodes[need]; ok {
		have = other.Version
		if err := Satisfies(n.Name, need, n.Needs[need], have); err != nil {
			return err
		}
		if err := s.visit(need, path); err != nil {
			var cycle *CycleError
			if errors.As(err, &cycle) && slices.Contains(cycle.Plugins, n.Name) {
				return err
			}
			return fmt.Errorf("%s needs %s, which cannot start: %w", n.Name, need, err)
		}
		return nil
	}
	if !running {
		return &MissingError{n.Name, need}
	}
	return Satisfies(n.Name, need, n.Needs[need], have)
}

// Satisfies reports, as a *MismatchError, a version outside of the range that a
// plugin needs. A pre-release is in the range where it is above its lower bound.
func Satisfies(plugin, need, want, have string) error {
	c, err := semver.NewConstraint(want)
	if err != nil {
		return fmt.Errorf("%s needs %s in the range %q: %w", plugin, need, want, err)
	}
	v, err := semver.NewVersion(have)
	if err != nil {
		return fmt.Errorf("%s has the version %q: %w", need, have, err)
	}
	c.IncludePrerelease = true
	if !c.Check(v) {
		return &MismatchError{plugin, need, want, have}
	}
	return nil
}
