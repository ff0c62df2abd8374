package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/innkeeper-host/innkeeper"
)

func newInstall() *cobra.Command {
	var data string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "install PATH",
		Short: "Keep a plugin in the data directory, for run without a path",
		Long: `install puts a copy of the plugin into the data directory and marks it wanted;
"innkeeper run" without a path runs it. It grants what the plugin declares: see
"innkeeper inspect" first. No host may be running on the directory.`,
		Example: `  innkeeper install examples/karma
  innkeeper run`,
		Args: exactlyOne,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			h, err := innkeeper.New(innkeeper.Options{App: &terminal{}, Dir: data, Policy: innkeeper.Policy{GrantDeclared: true}})
			if err != nil {
				return fmt.Errorf("install: %w", err)
			}
			defer func() {
				if closeErr := h.Close(cmd.Context()); err == nil {
					err = closeErr
				}
			}()
			p, err := h.Install(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), p)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "installed %s %s; start it with: innkeeper run%s\n", p.Name, p.Version, dataFlag(data))
			return err
		},
	}
	cmd.Flags().StringVar(&data, "data", defaultData, "the data `directory`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what was installed as JSON")
	return cmd
}

// defaultData is where data lies, below the folder that a command is run in.
const defaultData = ".innkeeper"

// dataFlag is what a hint must add where the data is not in its usual place.
func dataFlag(data string) string {
	if data == defaultData {
		return ""
	}
	return " --data " + data
}
