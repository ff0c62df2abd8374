package main

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/consent"
	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/problem"
	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/subject"
	"github.com/innkeeper-host/innkeeper/internal/visible"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// inspected is what inspect says, as JSON.
type inspected struct {
	Path      string              `json:"path"`
	Manifest  *packaging.Manifest `json:"manifest"`
	Asks      []consent.Ask       `json:"asks"`
	RunsHere  bool                `json:"runsHere"` // engines.innkeeper allows this innkeeper's plugin API
	Files     []carried           `json:"files"`
	Bytes     int                 `json:"bytes"` // of all files
	Digest    string              `json:"digest"`
	Integrity string              `json:"integrity"` // as it stands in the file; "" for a folder and the bare form
	Signed    bool                `json:"signed"`    // it carries a signature, which was not verified
	Warnings  []problem.Problem   `json:"warnings,omitempty"`
	folder    bool
}

// carried is a file, or the files of one npm package together.
type carried struct {
	Path  string `json:"path"`
	Files int    `json:"files"`
	Bytes int    `json:"bytes"`
}

func newInspect() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "inspect PATH",
		Short: "Say what a plugin is and what it asks for",
		Long: `Inspect reads a plugin, a folder or a package file, and says in plain words what it
is, what it asks to be allowed, and what it carries. It runs nothing.`,
		Example: `  innkeeper inspect example-plugin-1.0.0.plugin.json
  innkeeper inspect --json examples/karma | jq -r '.asks[].grant'`,
		Args: onePath,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := subject.Read(args[0])
			if err != nil {
				return &pluginProblem{args[0], err}
			}
			i := inspect(s)
			if asJSON {
				return printJSON(c.OutOrStdout(), i)
			}
			for _, w := range i.Warnings {
				fmt.Fprintln(c.ErrOrStderr(), w)
			}
			return i.print(c.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object: path, manifest, asks, runsHere, files, bytes, digest, integrity, signed, warnings")
	return c
}

func inspect(s *subject.Subject) *inspected {
	i := &inspected{
		Path: s.Path, Manifest: s.Package.Manifest, Asks: consent.Asks(s.Package.Manifest),
		RunsHere: packaging.CheckEngines(s.Package.Manifest) == nil,
		Digest:   s.Package.Digest(), Integrity: s.Package.Integrity, Signed: s.Package.Signed(),
		Warnings: problem.OfWarnings(s.Path, s.Warnings, nil), folder: s.Folder,
	}
	sums := map[string]carried{}
	for p, data := range s.Package.Files {
		name := p
		if dir := npmPackage(p); dir != "" {
			name = dir
		}
		sum := sums[name]
		sums[name] = carried{name, sum.Files + 1, sum.Bytes + len(data)}
		i.Bytes += len(data)
	}
	i.Files = slices.SortedFunc(maps.Values(sums), func(a, b carried) int {
		if a.Bytes != b.Bytes {
			return b.Bytes - a.Bytes
		}
		return strings.Compare(a.Path, b.Path)
	})
	return i
}

// npmPackage is the folder of the npm package that a file belongs to, or "".
func npmPackage(p string) string {
	const modules = "node_modules/"
	at := strings.LastIndex("/"+p, "/"+modules)
	if at < 0 {
		return ""
	}
	parts := strings.Split(p[at+len(modules):], "/")
	n := 1
	if strings.HasPrefix(parts[0], "@") {
		n = 2
	}
	if len(parts) <= n {
		return "" // a file that is no package's
	}
	return path.Join(p[:at+len(modules)], path.Join(parts[:n]...))
}

func (i *inspected) print(w io.Writer) error {
	var b strings.Builder
	m := i.Manifest
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-13s %s\n", name, visible.Line(text))
		}
	}
	line("Name", m.Name)
	if m.DisplayName != m.Name {
		line("Shown as", m.DisplayName)
	}
	line("Version", m.Version)
	line("Author", m.Author)
	line("Description", m.Description)
	line("License", m.License)
	line("Homepage", m.Homepage)
	line("Category", m.Category)
	line("Keywords", strings.Join(m.Keywords, ", "))
	line("Entry", m.Main)
	line("Starts", starts(m))
	line("Needs", needs(m))
	line("Plugin API", i.api())

	if len(i.Asks) == 0 {
		b.WriteString("\nIt asks for nothing.\n")
	} else {
		b.WriteString("\nIt asks to be allowed to:\n")
		_ = consent.Write(&b, i.Asks) // a strings.Builder takes everything
	}
	n := 0
	for _, f := range i.Files {
		n += f.Files
	}
	fmt.Fprintf(&b, "\nIt carries %s, %s bytes:\n", count(n, "file"), humanize.Comma(int64(i.Bytes)))
	for _, f := range i.Files {
		fmt.Fprintf(&b, "%11s  %s", humanize.Comma(int64(f.Bytes)), visible.Line(f.Path))
		if npmPackage(f.Path+"/x") != "" {
			fmt.Fprintf(&b, " (npm package, %s)", count(f.Files, "file"))
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	line("Digest", i.Digest)
	line("Integrity", i.integrity())
	line("Signature", i.signature())
	_, err := io.WriteString(w, b.String())
	return err
}

func starts(m *packaging.Manifest) string {
	if len(m.Activation) == 0 {
		return "with the host; everything that it may see reaches it"
	}
	return "with the host; only these reach it: " + strings.Join(m.Activation, ", ")
}

func needs(m *packaging.Manifest) string {
	if len(m.Dependencies) == 0 {
		return "no other plugin"
	}
	var words []string
	for _, name := range slices.Sorted(maps.Keys(m.Dependencies)) {
		version := m.Dependencies[name]
		if version == "*" || version == "" {
			version = "(any version)"
		}
		words = append(words, name+" "+version)
	}
	return strings.Join(words, ", ")
}

func (i *inspected) api() string {
	wanted := i.Manifest.Engines
	switch {
	case wanted == "":
		return "not said; this innkeeper has " + packaging.PluginAPI
	case !i.RunsHere:
		return wanted + "; this innkeeper has " + packaging.PluginAPI + ", so it does not run here"
	}
	return wanted + "; this innkeeper has " + packaging.PluginAPI
}

func (i *inspected) integrity() string {
	switch {
	case i.folder:
		return "none: it is a folder, not a package"
	case i.Integrity == "":
		return "none: a bare package, whose content may have been changed"
	}
	return i.Integrity + " (it holds)"
}

func (i *inspected) signature() string {
	if i.Signed {
		return "there is one; nobody has verified it"
	}
	return "none"
}
