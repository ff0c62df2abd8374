package bundle

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/innkeeper-host/innkeeper/internal/visible"
)

// bare finds a module by its name: "preact", "@scope/name/sub". Node's order:
// what the importer's own package says in "browser", the importer's package
// itself, then node_modules, nearest first.
func (r *resolver) bare(specifier, dir, importer string, kind importKind) (target, error) {
	if t, ok := r.browserReplacement(specifier, dir, importer, kind); ok {
		return t, nil
	}
	name, sub, ok := splitPackageName(specifier)
	if !ok {
		return target{}, &importError{text: fmt.Sprintf("Cannot import %s: not the name of a package", quote(specifier))}
	}
	if owner := r.owner(dir); owner != nil && owner.name == name && owner.exports != nil {
		return r.exported(owner, specifier, sub, importer, kind)
	}
	for _, d := range parentDirs(dir) {
		if path.Base(d) == "node_modules" {
			continue
		}
		root := path.Join(d, "node_modules", name)
		if !r.tree.isDir(root) {
			continue
		}
		root = r.tree.real(root)
		r.noteLink(importer, name, root)
		p := r.packageAt(root)
		if p != nil && p.exports != nil {
			return r.exported(p, specifier, sub, importer, kind)
		}
		if t, ok := r.fileOrDir(path.Join(root, sub)+trailingSlash(sub), importer, kind); ok {
			return t, nil
		}
		if err := r.brokenPackage(root); err != nil {
			return target{}, &importError{text: fmt.Sprintf("Cannot import %s: its package.json cannot be read: %v", quote(specifier), err)}
		}
		return target{}, &importError{
			text: fmt.Sprintf("Cannot import %s: the package %s has no such file", quote(specifier), quote(name)),
			hint: "check the part of the name after the package, and that its version has it",
		}
	}
	if isNodeModule(strings.TrimSuffix(specifier, "/")) {
		return target{}, noNodeModule(specifier, specifier)
	}
	return target{}, &importError{
		text: fmt.Sprintf("Cannot find the package %s", quote(name)),
		hint: fmt.Sprintf("run `npm install %s` in the plugin's folder and pack it again", visible.Clip(name, 100)),
	}
}

func trailingSlash(s string) string {
	if strings.HasSuffix(s, "/") {
		return "/"
	}
	return ""
}

func noNodeModule(specifier, name string) error {
	name, _, _ = strings.Cut(name, "/")
	return &importError{
		text: fmt.Sprintf("Cannot import %s: it is a module of Node, and plugins do not run on Node", quote(specifier)),
		hint: fmt.Sprintf("use what `context` and the web platform offer, or a package from npm that does the same without Node (`npm install %s` gives one for some)", visible.Clip(name, 100)),
	}
}

// splitPackageName splits "@a/b/c/d" into "@a/b" and "c/d".
func splitPackageName(specifier string) (name, sub string, ok bool) {
	if strings.ContainsAny(specifier, "%\\\x00") || strings.HasPrefix(specifier, ".") {
		return "", "", false
	}
	parts := 1
	if strings.HasPrefix(specifier, "@") {
		parts = 2
	}
	all := strings.SplitN(specifier, "/", parts+1)
	if len(all) < parts {
		return "", "", false
	}
	for i, part := range all {
		if i < parts && (part == "" || part == "." || part == ".." || part == "node_modules") {
			return "", "", false
		}
	}
	if len(all) > parts {
		sub = all[parts]
		for _, part := range strings.Split(sub, "/") {
			if part == ".." || part == "node_modules" {
				return "", "", false
			}
		}
	}
	return strings.Join(all[:parts], "/"), sub, true
}

// exported finds the file that p exports under sub.
func (r *resolver) exported(p *packageJSON, specifier, sub, importer string, kind importKind) (target, error) {
	subpath := "."
	if sub != "" {
		subpath = "./" + sub
	}
	to, err := matchExports(p.exports, subpath, kind)
	if err == nil {
		file := path.Join(p.dir, to)
		if t, ok := r.candidate(p, file, importer, kind); ok {
			return t, nil
		}
		return target{}, &importError{text: fmt.Sprintf("Cannot import %s: the package exports %s, which it does not hold", quote(specifier), quote(to))}
	}
	if !errors.Is(err, errNotExported) {
		return target{}, &importError{text: fmt.Sprintf("Cannot import %s: its package.json is wrong: %v", quote(specifier), err)}
	}
	return target{}, &importError{
		text: fmt.Sprintf("Cannot import %s: the package does not export it under \"exports\" in its package.json", quote(specifier)),
		hint: "see the package's documentation for the names that it exports",
	}
}

// subpathImport finds "#name" through "imports" of the importer's package.
func (r *resolver) subpathImport(specifier, dir, importer string, kind importKind) (target, error) {
	owner := r.owner(dir)
	missing := &importError{
		text: fmt.Sprintf("Cannot import %s: the nearest package.json has no such name under \"imports\"", quote(specifier)),
		hint: "add it there, or import the file by its relative path",
	}
	if owner == nil || specifier == "#" || strings.HasPrefix(specifier, "#/") {
		return target{}, missing
	}
	to, err := matchImports(owner.imports, specifier, kind)
	if errors.Is(err, errNotExported) {
		return target{}, missing
	}
	if err != nil {
		return target{}, &importError{text: fmt.Sprintf("Cannot import %s: package.json is wrong: %v", quote(specifier), err)}
	}
	if strings.HasPrefix(to, "./") {
		if t, ok := r.candidate(owner, path.Join(owner.dir, to), importer, kind); ok {
			return t, nil
		}
		return target{}, &importError{text: fmt.Sprintf("Cannot import %s: it stands for %s, which is not there", quote(specifier), quote(to))}
	}
	if name, ok := strings.CutPrefix(to, "node:"); ok {
		return target{}, noNodeModule(to, name)
	}
	if strings.HasPrefix(to, "#") || strings.HasPrefix(to, "/") || strings.Contains(to, ":") {
		return target{}, &importError{text: fmt.Sprintf("Cannot import %s: it stands for %s, which is not the name of a package", quote(specifier), quote(to))}
	}
	return r.bare(to, owner.dir, importer, kind)
}

// browserReplacement is what the "browser" field of the importer's package puts
// in the place of another package.
func (r *resolver) browserReplacement(specifier, dir, importer string, kind importKind) (target, bool) {
	owner := r.owner(dir)
	if owner == nil || owner.browser == nil {
		return target{}, false
	}
	e, ok := owner.browser[specifier]
	switch {
	case !ok || e.to == specifier:
		return target{}, false
	case e.disabled:
		return target{path: path.Join(owner.dir, "node_modules", specifier), disabled: true}, true
	case isRelative(e.to):
		if to, ok := joinInside(owner.dir, e.to); ok {
			return r.fileOrDir(to, importer, kind)
		}
		return target{}, false
	}
	if _, again := owner.browser[e.to]; again {
		return target{}, false // a circle of names
	}
	t, err := r.bare(e.to, owner.dir, importer, kind)
	return t, err == nil
}

// noteLink keeps what importer found under the name of a package: Pack lays the
// packages out so that it finds the same again.
func (r *resolver) noteLink(importer, name, root string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.links[foundLink{importer, name}] = root
}

// owner is the package.json that governs dir: the nearest at or above it, but
// not above the node_modules that dir lies in.
func (r *resolver) owner(dir string) *packageJSON {
	for _, d := range parentDirs(dir) {
		if path.Base(d) == "node_modules" {
			return nil
		}
		if p := r.packageAt(d); p != nil {
			return p
		}
	}
	return nil
}

// packageAt is the package.json of dir, or nil where there is none that can be
// read.
func (r *resolver) packageAt(dir string) *packageJSON {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, ok := r.packages[dir]; ok {
		return p
	}
	var p *packageJSON
	if file := path.Join(dir, "package.json"); r.tree.isFile(file) {
		data, err := r.tree.read(file)
		if err == nil {
			p, err = parsePackageJSON(dir, data)
		}
		if err != nil {
			r.broken[dir] = err
		} else {
			r.consulted[dir] = true
		}
	}
	r.packages[dir] = p
	return p
}

func (r *resolver) brokenPackage(dir string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.broken[dir]
}
