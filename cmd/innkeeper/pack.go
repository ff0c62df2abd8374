package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/innkeeper-host/innkeeper/internal/atomicfile"
	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

func newPack() *cobra.Command {
	var file string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "pack PATH",
		Short: "Make one file of a plugin's folder",
		Long: `pack makes a package: one file with the manifest and everything that the entry
imports, npm packages included, and what the manifest's "include" names. The
package runs without the folder, without npm and without a network. The same
folder always gives the same bytes.`,
		Example: `  innkeeper pack examples/hello
  innkeeper pack examples/hello -o hello.plugin.json`,
		Args: exactlyOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			return pack(cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0], file, asJSON)
		},
	}
	cmd.Flags().StringVarP(&file, "output", "o", "", "write to this `file` (default: NAME-VERSION.plugin.json here)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what was packed as JSON")
	return cmd
}

// packed is what pack tells.
type packed struct {
	File    string `json:"file"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Files   int    `json:"files"`
	Bytes   int    `json:"bytes"`
	Digest  string `json:"digest"`
}

func pack(out, errOut io.Writer, path, file string, asJSON bool) error {
	pkg, warnings, err := bundle.Open(path, bundle.PackOptions{})
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	printWarnings(errOut, warnings)
	data, err := pkg.Encode()
	if err != nil {
		return fmt.Errorf("pack %s: %w", path, err)
	}
	if file == "" {
		file = packaging.FileName(pkg.Manifest)
	}
	if err := atomicfile.Write(file, data, 0o644); err != nil {
		return fmt.Errorf("pack %s: %w", path, err)
	}
	p := packed{file, pkg.Manifest.Name, pkg.Manifest.Version, len(pkg.Files), len(data), pkg.Digest()}
	if asJSON {
		return printJSON(out, p)
	}
	_, err = fmt.Fprintf(out, "packed %s %s: %d files, %s\n%s\nsha-256 %s\n", p.Name, p.Version, p.Files, size(int64(p.Bytes)), p.File, p.Digest)
	return err
}

func printWarnings(out io.Writer, warnings []packaging.Warning) {
	for _, w := range warnings {
		fmt.Fprintf(out, "warning: manifest.json: %s\n", shown(w.String())) //nolint:errcheck // standard error
	}
}
