package main

import (
	"errors"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/innkeeper-host/innkeeper/packaging"
)

// newRoot makes the command with all that is below it.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "innkeeper",
		Short: "Run plugins for chat servers, and make packages of them",
		Long: `innkeeper runs JavaScript and TypeScript plugins for chat servers.

Exit codes: 0 all is well, 1 something did not work, 2 the command line is
wrong, 130 interrupted.`,
		Example: `  innkeeper run examples/hello
  innkeeper pack examples/hello -o hello.plugin.json`,
		Version:           version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no command %q; see innkeeper --help", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(newRun(), newPack(), newInspect(), newCheck(), newInstall())
	return root
}

// atLeastOne wants paths.
func atLeastOne(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage("%s needs the path of a plugin: a folder or a package file; see %s --help", cmd.CommandPath(), cmd.CommandPath())
	}
	return nil
}

// exactlyOne wants one path.
func exactlyOne(cmd *cobra.Command, args []string) error {
	if err := atLeastOne(cmd, args); err != nil {
		return err
	}
	if len(args) > 1 {
		return usage("%s takes one path, found %d; see %s --help", cmd.CommandPath(), len(args), cmd.CommandPath())
	}
	return nil
}

func version() string {
	v := "(built from source)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		v = info.Main.Version
	}
	return v + ", plugin API " + packaging.PluginAPI
}

var errNothing = errors.New("nothing to run")
