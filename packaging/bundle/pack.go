package bundle

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/innkeeper-host/innkeeper/packaging"
)

// PackOptions bounds what is packed. Its zero value is what the command uses.
type PackOptions struct {
	Limits packaging.Limits // of the package; a zero field means the default
}

// Pack makes a package of the plugin in the folder dir: its manifest, what the
// entry imports (with the files of npm packages that are used, laid out under
// node_modules), and what the manifest's include names. The package builds with
// no disk and no network; that was tried before Pack returns. The same folder
// gives the same package.
//
// The error is a *BuildError where the code is at fault, a
// *packaging.ManifestError where the manifest is, a *packaging.PackageError
// where a limit is passed, and wraps fs.ErrNotExist where there is no manifest.
// A manifest without engines.innkeeper gets the version that packs it.
func Pack(dir string, o PackOptions) (*packaging.Package, []packaging.Warning, error) {
	maxBytes := o.Limits.FileBytes
	if maxBytes <= 0 {
		maxBytes = packaging.DefaultLimits.FileBytes
	}
	t, err := newDiskTree(dir, maxBytes)
	if err != nil {
		return nil, nil, fmt.Errorf("pack the plugin: %w", err)
	}
	m, warnings, err := readManifest(t, dir)
	if err != nil {
		return nil, nil, err
	}
	files, err := imported(m, t)
	if err != nil {
		return nil, nil, err
	}
	more, err := included(m, t, files)
	if err != nil {
		return nil, nil, err
	}
	warnings = append(warnings, more...)
	pkg := &packaging.Package{Manifest: m, Files: files}
	if err := pkg.Check(o.Limits); err != nil {
		return nil, nil, err
	}
	built, err := Build(context.Background(), pkg, Options{})
	if err != nil {
		return nil, nil, err
	}
	for _, w := range built.Warnings {
		field := w.File
		if w.Line > 0 {
			field = fmt.Sprintf("%s:%d:%d", w.File, w.Line, w.Column)
		}
		warnings = append(warnings, packaging.Warning{Field: field, Message: w.Text})
	}
	return pkg, warnings, nil
}

func readManifest(t *diskTree, dir string) (*packaging.Manifest, []packaging.Warning, error) {
	data, err := t.read(path.Join(t.top, "manifest.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("pack %s: there is no manifest.json in it, so it is not a plugin's folder: %w", quote(dir), fs.ErrNotExist)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("pack %s: manifest.json: %w", quote(dir), err)
	}
	m, warnings, err := packaging.ParseManifest(data)
	if err != nil {
		return nil, nil, err
	}
	if m.Engines == "" {
		m.Engines = "^" + packaging.PluginAPI
	}
	return m, warnings, nil
}

// imported are the files that the entry needs, by their path in the package.
func imported(m *packaging.Manifest, t *diskTree) (map[string][]byte, error) {
	if err := packaging.ValidPath(m.Main); err != nil {
		return nil, err
	}
	entry := path.Join(t.top, m.Main)
	if !t.isFile(entry) {
		return nil, buildError("manifest.json", fmt.Sprintf("The entry %s is not in the folder", quote(m.Main)), `"main" names the file that exports the plugin`)
	}
	b := newBuild(t, entry)
	b.root, b.resolver.top = t.top, t.top
	result, err := b.run(context.Background())
	if err != nil {
		return nil, err
	}
	if len(result.Errors) > 0 {
		return nil, &BuildError{Messages: b.messages(result.Errors)}
	}
	links := map[link]instance{}
	for l, root := range b.resolver.links {
		from, _ := instanceOf(l.importer)
		if _, own := t.own(l.importer); own {
			from = ""
		}
		links[link{from, l.name}] = instance(root)
	}
	places, err := place(links)
	if err != nil {
		return nil, buildError("", "Cannot lay the npm packages out: "+err.Error())
	}
	files := map[string][]byte{}
	for _, p := range b.carried() {
		data, err := t.read(p)
		if err != nil {
			return nil, fmt.Errorf("pack the plugin: read %s: %w", quote(b.show(p)), err)
		}
		if rel, own := t.own(p); own {
			files[rel] = data
			continue
		}
		what, rel := instanceOf(p)
		if len(places[what]) == 0 {
			return nil, buildError(b.show(p), "The file is imported by its path in node_modules",
				"import an npm package by its name, so that it is found the same way in the packed plugin")
		}
		for _, at := range places[what] {
			files[path.Join(at, rel)] = data
		}
	}
	return files, nil
}

// carried are the files of the tree that the build read: modules, and each
// package.json that had a say in finding them. Sorted.
func (b *build) carried() []string {
	var all []string
	for p := range b.loaded {
		all = append(all, p)
	}
	for dir := range b.resolver.consulted {
		if p := path.Join(dir, "package.json"); !b.loaded[p] {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, strings.Compare)
	return all
}
