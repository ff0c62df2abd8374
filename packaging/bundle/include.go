package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/innkeeper-host/innkeeper/packaging"
)

// included adds the files that the manifest's include names, and its icon.
// Dotfiles and the manifest itself are never carried; node_modules only where a
// pattern says so.
func included(m *packaging.Manifest, t *diskTree, files map[string][]byte) ([]packaging.Warning, error) {
	var warnings []packaging.Warning
	root := os.DirFS(toOS(t.top))
	for i, pattern := range m.Include {
		field := fmt.Sprintf("include[%d]", i)
		clean := strings.TrimPrefix(pattern, "./")
		if !doublestar.ValidatePattern(clean) || clean == "" || strings.HasPrefix(clean, "/") || strings.Contains(clean, `\`) ||
			slices.Contains(strings.Split(clean, "/"), "..") {
			return nil, buildError("manifest.json", fmt.Sprintf("%s: %s is not a pattern of files in the plugin's folder", field, quote(pattern)),
				"write it relative to the folder, with / and without ..: assets/**/*.png")
		}
		names, err := doublestar.Glob(root, clean, doublestar.WithFilesOnly(), doublestar.WithNoHidden(), doublestar.WithFailOnIOErrors())
		if err != nil {
			return nil, fmt.Errorf("pack the plugin: %s %s: %w", field, quote(pattern), err)
		}
		slices.Sort(names)
		found := false
		for _, name := range names {
			if name == "manifest.json" || hidden(name) {
				continue
			}
			if strings.Contains("/"+name, "/node_modules/") && !strings.Contains(clean, "node_modules") {
				continue
			}
			found = true
			if err := carry(t, name, files); err != nil {
				return nil, fmt.Errorf("pack the plugin: %s %s: %w", field, quote(pattern), err)
			}
		}
		if !found {
			warnings = append(warnings, packaging.Warning{Field: field, Message: fmt.Sprintf("%s matches no file (dotfiles are never carried)", quote(pattern))})
		}
	}
	if icon := m.Icon; icon != "" {
		err := packaging.ValidPath(icon)
		if err == nil {
			err = carry(t, icon, files)
		}
		if errors.Is(err, fs.ErrNotExist) {
			warnings = append(warnings, packaging.Warning{Field: "icon", Message: fmt.Sprintf("there is no file %s", quote(icon))})
		} else if err != nil {
			return nil, fmt.Errorf("pack the plugin: icon: %w", err)
		}
	}
	return warnings, nil
}

// hidden reports whether the name or a folder of it begins with a dot.
func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.Contains(name, "/.") }

func carry(t *diskTree, name string, files map[string][]byte) error {
	if _, ok := files[name]; ok {
		return nil
	}
	data, err := t.read(path.Join(t.top, name))
	if err != nil {
		return fmt.Errorf("%s: %w", quote(name), err)
	}
	files[name] = data
	return nil
}
