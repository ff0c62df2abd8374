package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

func newInspect() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect PATH",
		Short: "Say what a plugin is and what it asks for",
		Long: `inspect reads a folder or a package file, runs nothing of it, and says in plain
words what it is, what it wants to be allowed, and what it carries.`,
		Example: `  innkeeper inspect examples/karma
  innkeeper inspect --json hello.plugin.json`,
		Args: exactlyOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			pkg, warnings, err := bundle.Open(args[0], bundle.PackOptions{})
			if err != nil {
				return fmt.Errorf("inspect: %w", err)
			}
			printWarnings(cmd.ErrOrStderr(), warnings)
			i := inspect(pkg)
			if asJSON {
				return printJSON(cmd.OutOrStdout(), i)
			}
			return i.print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as one JSON object")
	return cmd
}

// inspected is what inspect tells.
type inspected struct {
	Manifest    *packaging.Manifest `json:"manifest"`
	Permissions []asked             `json:"permissions"`
	Parts       []part              `json:"parts"`
	Files       int                 `json:"files"`
	Bytes       int64               `json:"bytes"`
	Digest      string              `json:"digest"`
	Signed      bool                `json:"signed"`
}

// asked is one permission in plain words.
type asked struct {
	Grant    string   `json:"grant"`
	Meaning  string   `json:"meaning"`
	Reason   string   `json:"reason,omitempty"`
	Optional bool     `json:"optional,omitempty"`
	Only     []string `json:"only,omitempty"` // hosts, channels or roles
}

// part is a file of the plugin's own, or an npm package with all of its files.
type part struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	NPM   bool   `json:"npm,omitempty"`
}

func inspect(pkg *packaging.Package) inspected {
	i := inspected{Manifest: pkg.Manifest, Permissions: []asked{}, Files: len(pkg.Files), Digest: pkg.Digest(), Signed: pkg.Signed()}
	for _, p := range pkg.Manifest.Permissions {
		for _, action := range p.Actions {
			i.Permissions = append(i.Permissions, asked{
				Grant: p.Resource + ":" + action, Meaning: meaning(p.Resource, action), Reason: p.Reason, Optional: p.Optional,
				Only: slices.Concat(p.Hosts, p.Channels, p.Roles),
			})
		}
	}
	parts := map[string]part{}
	for path, data := range pkg.Files {
		name, npm := path, false
		if rest, ok := strings.CutPrefix(path, "node_modules/"); ok {
			name, npm = packageName(rest), true
		}
		sum := parts[name]
		parts[name] = part{name, sum.Bytes + int64(len(data)), npm}
		i.Bytes += int64(len(data))
	}
	i.Parts = slices.SortedFunc(maps.Values(parts), func(a, b part) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name))
	})
	return i
}

// packageName is the npm package that a path below node_modules belongs to.
func packageName(path string) string {
	words := strings.SplitN(path, "/", 3)
	if strings.HasPrefix(path, "@") && len(words) > 1 {
		return words[0] + "/" + words[1]
	}
	return words[0]
}

func meaning(resource, action string) string {
	if text := packaging.Describe(resource, action); text != "" {
		return text
	}
	return "Use what the chat server provides as " + resource + " (" + action + ")"
}

// line is how a permission is told to people.
func (a asked) line() string {
	text := fmt.Sprintf("  %-20s %s", a.Grant, a.Meaning)
	if len(a.Only) > 0 {
		text += " (only: " + strings.Join(a.Only, ", ") + ")"
	}
	if a.Optional {
		text += " (optional)"
	}
	if a.Reason != "" {
		text += "\n" + strings.Repeat(" ", 23) + "“" + a.Reason + "”"
	}
	return text
}

func (i inspected) print(out io.Writer) error {
	m := i.Manifest
	var b strings.Builder
	title := m.Name + " " + m.Version
	if m.DisplayName != "" && m.DisplayName != m.Name {
		title = m.DisplayName + " (" + title + ")"
	}
	fmt.Fprintln(&b, title)
	for _, row := range [][2]string{
		{"", m.Description}, {"author", m.Author}, {"license", m.License}, {"homepage", m.Homepage},
		{"category", m.Category}, {"keywords", strings.Join(m.Keywords, ", ")}, {"entry", m.Main}, {"needs API", m.Engines},
	} {
		switch {
		case row[1] == "":
		case row[0] == "":
			fmt.Fprintln(&b, row[1])
		default:
			fmt.Fprintf(&b, "  %-10s %s\n", row[0], row[1])
		}
	}
	if len(i.Permissions) == 0 {
		fmt.Fprintln(&b, "\nIt asks for no permission.")
	} else {
		fmt.Fprintln(&b, "\nIt asks to be allowed to:")
		for _, a := range i.Permissions {
			fmt.Fprintln(&b, a.line())
		}
	}
	if len(m.Activation) > 0 {
		fmt.Fprintf(&b, "\nMessages and events reach it only for: %s\n", strings.Join(m.Activation, ", "))
	}
	if len(m.Dependencies) > 0 {
		fmt.Fprintln(&b, "\nIt needs these plugins:")
		for _, name := range slices.Sorted(maps.Keys(m.Dependencies)) {
			fmt.Fprintf(&b, "  %s %s\n", name, m.Dependencies[name])
		}
	}
	fmt.Fprintf(&b, "\nIt carries %d files, %s:\n", i.Files, size(i.Bytes))
	for n, p := range i.Parts {
		if n == 20 {
			fmt.Fprintf(&b, "  and %d more\n", len(i.Parts)-n)
			break
		}
		kind := ""
		if p.NPM {
			kind = "  (npm)"
		}
		fmt.Fprintf(&b, "  %9s  %s%s\n", size(p.Bytes), p.Name, kind)
	}
	signed := "It is not signed."
	if i.Signed {
		signed = "It carries a signature, which this version does not check."
	}
	fmt.Fprintf(&b, "\n%s\nsha-256 %s\n", signed, i.Digest)
	_, err := io.WriteString(out, shown(b.String()))
	return err
}
