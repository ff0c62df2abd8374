package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

func newCheck() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check PATH...",
		Short: "Find what is wrong with a plugin before it runs",
		Long: `check reads the manifest, looks for what the entry imports, and builds the
plugin as a host would. It runs none of the plugin's code. It exits with 1 where
something is wrong.`,
		Example: `  innkeeper check examples/hello
  innkeeper check --json my-plugin`,
		Args: atLeastOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			failed := 0
			for _, path := range args {
				c := check(cmd.Context(), path)
				if !c.OK {
					failed++
				}
				if err := c.print(cmd.OutOrStdout(), asJSON); err != nil {
					return err
				}
			}
			if failed > 0 {
				return &toldError{fmt.Errorf("%d of %d plugins have problems", failed, len(args))}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a plugin")
	return cmd
}

// checked is what check tells of one plugin.
type checked struct {
	Path     string    `json:"path"`
	OK       bool      `json:"ok"`
	Name     string    `json:"name,omitempty"`
	Version  string    `json:"version,omitempty"`
	Problems []problem `json:"problems"`
	Warnings []problem `json:"warnings"`
}

// problem is one finding; Text alone where it is about no place.
type problem struct {
	Text   string `json:"text"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`

	full string // as check prints it, with the code frame
}

func check(ctx context.Context, path string) checked {
	c := checked{Path: path, Problems: []problem{}, Warnings: []problem{}}
	pkg, warnings, err := bundle.Open(path, bundle.PackOptions{})
	for _, w := range warnings {
		c.Warnings = append(c.Warnings, problem{Text: w.String(), File: "manifest.json", full: "manifest.json: " + w.String()})
	}
	if err != nil {
		c.Problems = problemsOf(err)
		return c
	}
	c.Name, c.Version = pkg.Manifest.Name, pkg.Manifest.Version
	if err := packaging.CheckEngines(pkg.Manifest); err != nil {
		c.Problems = append(c.Problems, problemsOf(err)...)
	}
	built, err := bundle.Build(ctx, pkg, bundle.Options{})
	if err != nil {
		c.Problems = append(c.Problems, problemsOf(err)...)
		return c
	}
	for _, m := range built.Warnings {
		c.Warnings = append(c.Warnings, messageProblem(m))
	}
	c.OK = len(c.Problems) == 0
	return c
}

// problemsOf takes an error apart: each finding of the manifest and of the build
// is a problem of its own.
func problemsOf(err error) []problem {
	var build *bundle.BuildError
	var manifest *packaging.ManifestError
	var out []problem
	switch {
	case errors.As(err, &build):
		for _, m := range build.Messages {
			out = append(out, messageProblem(m))
		}
	case errors.As(err, &manifest):
		for _, p := range manifest.Problems {
			out = append(out, problem{Text: p.String(), File: "manifest.json", full: "manifest.json: " + p.String()})
		}
	default:
		out = append(out, problem{Text: err.Error(), full: err.Error()})
	}
	return out
}

func messageProblem(m bundle.Message) problem {
	return problem{Text: m.Text, File: m.File, Line: m.Line, Column: m.Column, full: m.String()}
}

func (c checked) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return printJSON(out, c)
	}
	for _, w := range c.Warnings {
		if _, err := fmt.Fprintf(out, "warning: %s\n", shown(w.full)); err != nil {
			return err
		}
	}
	for _, p := range c.Problems {
		if _, err := fmt.Fprintf(out, "error: %s\n", shown(p.full)); err != nil {
			return err
		}
	}
	verdict := fmt.Sprintf("%s: %s %s is fine", c.Path, c.Name, c.Version)
	if !c.OK {
		verdict = fmt.Sprintf("%s: %d problem(s)", c.Path, len(c.Problems))
	}
	_, err := fmt.Fprintln(out, verdict)
	return err
}
