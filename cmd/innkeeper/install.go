package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/consent"
	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/problem"
	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/terminal"
	"github.com/innkeeper-host/innkeeper/internal/visible"
)

// installed is what install says of one path, as JSON.
type installed struct {
	Name    string        `json:"name"`
	Version string        `json:"version"`
	Path    string        `json:"path"`
	Data    string        `json:"data"`
	Asks    []consent.Ask `json:"asks"` // what it is granted when it runs

	Warnings []problem.Problem `json:"warnings,omitempty"`
}

func newInstall() *cobra.Command {
	var f hostFlags
	var asJSON bool
	c := &cobra.Command{
		Use:   "install PATH…",
		Short: "Keep plugins in the data directory, for run to start",
		Long: `Install keeps a copy of each plugin in the data directory. "innkeeper run" without
a path starts all that are installed, and grants each what its manifest declares. A
version that is installed already is replaced; what the plugin stored stays.`,
		Example: `  innkeeper install examples/karma && innkeeper run`,
		Args:    somePaths,
		RunE: func(c *cobra.Command, paths []string) (err error) {
			host, err := innkeeper.New(f.options(innkeeper.Options{App: terminal.NewChat(version())}))
			if err != nil {
				return err
			}
			defer func() {
				if closeErr := host.Close(context.Background()); err == nil {
					err = closeErr
				}
			}()
			failed := false
			for _, path := range paths {
				p, err := host.Install(context.Background(), path)
				if err != nil {
					printFailure(c.ErrOrStderr(), &pluginProblem{path, err})
					failed = true
					continue
				}
				warnings := problem.OfWarnings(path, p.Warnings, nil)
				if asJSON {
					if err := printJSON(c.OutOrStdout(), installed{p.Name, p.Version, path, f.data, consent.Asks(p.Manifest), warnings}); err != nil {
						return err
					}
					continue
				}
				for _, w := range warnings {
					fmt.Fprintln(c.ErrOrStderr(), w)
				}
				fmt.Fprintf(c.OutOrStdout(), "%s %s is installed in %s\n", visible.Line(p.Name), visible.Line(p.Version), visible.Line(f.data))
				if asks := consent.Asks(p.Manifest); len(asks) > 0 {
					fmt.Fprintln(c.ErrOrStderr(), "When it runs, it may:")
					if err := consent.Write(c.ErrOrStderr(), asks); err != nil {
						return err
					}
				}
			}
			if failed {
				return exitCode(exitFailed)
			}
			return nil
		},
	}
	f.add(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a plugin: name, version, path, data, asks, warnings")
	return c
}
