package main

import (
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/problem"
	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/subject"
	"github.com/innkeeper-host/innkeeper/internal/atomicfile"
	"github.com/innkeeper-host/innkeeper/internal/visible"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// packed is what pack says, as JSON.
type packed struct {
	File     string            `json:"file"`
	Name     string            `json:"name"`
	Version  string            `json:"version"`
	Bytes    int               `json:"bytes"`
	Files    int               `json:"files"`
	Digest   string            `json:"digest"` // SHA-256 of the content, in hex
	Warnings []problem.Problem `json:"warnings,omitempty"`
}

func newPack() *cobra.Command {
	var output string
	var asJSON bool
	c := &cobra.Command{
		Use:   "pack PATH",
		Short: "Make one file of a plugin's folder",
		Long: `Pack makes the package file of a plugin: its manifest, what its entry imports, npm
packages included, and what the manifest's include names. The file runs with no disk
and no network. The same folder gives the same bytes, here and elsewhere.`,
		Example: `  innkeeper pack examples/hello
  innkeeper pack examples/hello -o hello.plugin.json && innkeeper run hello.plugin.json`,
		Args: onePath,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := subject.Read(args[0])
			if err != nil {
				return &pluginProblem{args[0], err}
			}
			result, err := writePackage(s, output)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), result)
			}
			for _, w := range result.Warnings {
				fmt.Fprintln(c.ErrOrStderr(), w)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s %s is packed in %s\n  %s bytes, %s\n  digest %s\n",
				visible.Line(result.Name), visible.Line(result.Version), visible.Line(result.File),
				humanize.Comma(int64(result.Bytes)), count(result.Files, "file"), result.Digest)
			return err
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "the file to write (default NAME-VERSION.plugin.json here)")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object: file, name, version, bytes, files, digest, warnings")
	return c
}

func writePackage(s *subject.Subject, output string) (*packed, error) {
	data, err := s.Package.Encode()
	if err != nil {
		return nil, &pluginProblem{s.Path, err}
	}
	if output == "" {
		output = packaging.FileName(s.Package.Manifest)
	}
	if err := atomicfile.Write(output, data, 0o644); err != nil {
		return nil, fmt.Errorf("pack: %w; name another file with -o", err)
	}
	return &packed{
		File: output, Name: s.Package.Manifest.Name, Version: s.Package.Manifest.Version,
		Bytes: len(data), Files: len(s.Package.Files), Digest: s.Package.Digest(),
		Warnings: problem.OfWarnings(s.Path, s.Warnings, nil),
	}, nil
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return humanize.Comma(int64(n)) + " " + noun
}
