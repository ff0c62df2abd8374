package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/problem"
	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/subject"
	"github.com/innkeeper-host/innkeeper/internal/visible"
	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

// checked is what check says of one path, as JSON.
type checked struct {
	Path     string            `json:"path"`
	OK       bool              `json:"ok"`
	Name     string            `json:"name,omitempty"`
	Version  string            `json:"version,omitempty"`
	Problems []problem.Problem `json:"problems"`

	manifestOnly bool // the code was not looked at
}

func newCheck() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "check PATH…",
		Short: "Say everything that is wrong with plugins",
		Long: `Check reads the manifest of each plugin, parses and bundles its code as the host
would, and says what is wrong, with file, line and column. It runs nothing. Code is
looked at when the manifest is right.

The exit code is 1 where there is an error; warnings alone give 0.`,
		Example: `  innkeeper check examples/hello
  innkeeper check --json plugins/* | jq .problems`,
		Args: somePaths,
		RunE: func(c *cobra.Command, paths []string) error {
			failed := false
			for _, path := range paths {
				result := check(c.Context(), path)
				failed = failed || !result.OK
				if asJSON {
					if err := printJSON(c.OutOrStdout(), result); err != nil {
						return err
					}
					continue
				}
				result.print(c)
			}
			if failed {
				return exitCode(exitFailed)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a plugin: path, ok, name, version, problems (level, text, file, line, column, lineText, notes)")
	return c
}

func check(ctx context.Context, path string) *checked {
	if ctx == nil {
		ctx = context.Background()
	}
	r := &checked{Path: path, Problems: []problem.Problem{}}
	fail := func(err error) *checked {
		r.Problems = append(r.Problems, problem.Of(path, err)...)
		var manifest *packaging.ManifestError
		r.manifestOnly = errors.As(err, &manifest)
		return r
	}
	s, err := subject.Read(path)
	if err != nil {
		return fail(err)
	}
	r.Name, r.Version = s.Package.Manifest.Name, s.Package.Manifest.Version
	if err := packaging.CheckEngines(s.Package.Manifest); err != nil {
		return fail(err)
	}
	// A folder was built when it was packed; this build tells where its warnings
	// stand, and looks at the code of a package file for the first time.
	built, err := bundle.Build(ctx, s.Package, bundle.Options{})
	if err != nil {
		return fail(err)
	}
	r.Problems = append(r.Problems, problem.OfWarnings(path, s.Warnings, built.Warnings)...)
	r.OK = true
	return r
}

func (r *checked) print(c *cobra.Command) {
	out := c.OutOrStdout()
	errors := 0
	for _, p := range r.Problems {
		fmt.Fprintln(out, p)
		if p.Level == problem.Error {
			errors++
		}
	}
	path := visible.Line(r.Path)
	switch warnings := len(r.Problems) - errors; {
	case errors > 0:
		fmt.Fprintf(out, "%s: %s", path, count(errors, "error"))
		if r.manifestOnly {
			fmt.Fprint(out, "; the code is checked when the manifest is right")
		}
		fmt.Fprintln(out)
	case warnings > 0:
		fmt.Fprintf(out, "%s: %s %s can run, with %s\n", path, visible.Line(r.Name), visible.Line(r.Version), count(warnings, "warning"))
	default:
		fmt.Fprintf(out, "%s: %s %s is fine\n", path, visible.Line(r.Name), visible.Line(r.Version))
	}
}
