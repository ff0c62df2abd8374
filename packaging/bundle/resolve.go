package bundle

import (
	"fmt"
	"path"
	"strings"
	"sync"
)

// importKind tells how a module is asked for: the two may lead to different
// builds of one npm package.
type importKind uint8

const (
	byImport importKind = iota
	byRequire
)

// A target is the module that an import leads to.
type target struct {
	path           string // in the tree
	disabled       bool   // an empty module stands in its place ("browser": {"fs": false})
	sideEffectFree bool   // it may be left out when nothing of it is used
}

// An importError says why an import leads nowhere, and what to do about it.
type importError struct {
	text string
	hint string
}

func (e *importError) Error() string {
	if e.hint == "" {
		return e.text
	}
	return e.text + ": " + e.hint
}

// A resolver finds modules as Node and bundlers do, over the files of one
// tree. It may be used by several goroutines.
type resolver struct {
	tree tree
	top  string // the plugin's folder, out of which its own files do not import

	mu        sync.Mutex
	packages  map[string]*packageJSON // by directory; nil where there is none
	broken    map[string]error        // package.json files that cannot be read
	consulted map[string]bool         // directories whose package.json was read
	links     map[foundLink]string    // the folder that a package's name led to
}

// A foundLink is the name of a package in a file that imports it.
type foundLink struct{ importer, name string }

func newResolver(t tree) *resolver {
	return &resolver{tree: t, top: "/", packages: map[string]*packageJSON{}, broken: map[string]error{},
		consulted: map[string]bool{}, links: map[foundLink]string{}}
}

// resolve finds what specifier means in the file importer.
func (r *resolver) resolve(specifier, importer string, kind importKind) (target, error) {
	if strings.ContainsAny(specifier, "\x00\\") || specifier == "" {
		return target{}, &importError{text: fmt.Sprintf("Cannot import %s: not a module name", quote(specifier))}
	}
	if strings.HasPrefix(specifier, "/") {
		return target{}, &importError{
			text: fmt.Sprintf("Cannot import %s: an absolute path is not part of the plugin", quote(specifier)),
			hint: "import the file by its path relative to this one, such as ./name.js",
		}
	}
	dir := path.Dir(importer)
	if isRelative(specifier) {
		to, ok := joinInside(dir, specifier)
		if !ok || below(importer, r.top) && !below(to, r.top) {
			return target{}, &importError{
				text: fmt.Sprintf("Cannot import %s: it lies outside of the plugin", quote(specifier)),
				hint: "move the file into the plugin's folder",
			}
		}
		return r.relative(specifier, to, importer, kind)
	}
	if strings.HasPrefix(specifier, "#") {
		return r.subpathImport(specifier, dir, importer, kind)
	}
	if scheme, rest, ok := strings.Cut(specifier, ":"); ok {
		if scheme == "node" {
			if t, ok := r.browserReplacement(specifier, dir, importer, kind); ok {
				return t, nil
			}
			return target{}, noNodeModule(specifier, rest)
		}
		return target{}, &importError{
			text: fmt.Sprintf("Cannot import %s: modules are not loaded by URL", quote(specifier)),
			hint: "save the module into the plugin's folder, or install it with npm",
		}
	}
	return r.bare(specifier, dir, importer, kind)
}

func isRelative(s string) bool {
	return s == "." || s == ".." || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../")
}

// joinInside joins a relative specifier to dir, and reports whether it stays
// below the top of the tree.
func joinInside(dir, specifier string) (string, bool) {
	depth := strings.Count(strings.TrimSuffix(dir, "/"), "/")
	for _, part := range strings.Split(specifier, "/") {
		switch part {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return "", false
			}
		default:
			depth++
		}
	}
	joined := path.Join(dir, specifier)
	if strings.HasSuffix(specifier, "/") && joined != "/" {
		joined += "/"
	}
	return joined, true
}

// relative finds the file or directory at to, which specifier named.
func (r *resolver) relative(specifier, to, importer string, kind importKind) (target, error) {
	if t, ok := r.fileOrDir(to, importer, kind); ok {
		return t, nil
	}
	e := &importError{text: fmt.Sprintf("Cannot find %s: the plugin has no file %s", quote(specifier), quote(r.inside(to)))}
	e.hint = "check the name; a file that is imported has to lie in the plugin's folder when it is packed"
	if r.tree.isDir(strings.TrimSuffix(to, "/")) {
		e.text = fmt.Sprintf("Cannot find %s: %s is a folder without an index file", quote(specifier), quote(r.inside(strings.TrimSuffix(to, "/"))))
		e.hint = "name a file in it"
	}
	return target{}, e
}

// inside is a path of the tree relative to the plugin's folder.
func (r *resolver) inside(p string) string {
	return strings.TrimPrefix(strings.TrimPrefix(p, strings.TrimSuffix(r.top, "/")), "/")
}

// fileOrDir is LOAD_AS_FILE and LOAD_AS_DIRECTORY.
func (r *resolver) fileOrDir(to, importer string, kind importKind) (target, bool) {
	if !strings.HasSuffix(to, "/") {
		if t, ok := r.file(to, importer, kind); ok {
			return t, true
		}
	}
	to = strings.TrimSuffix(to, "/")
	if to == "" {
		to = "/"
	}
	if !r.tree.isDir(to) {
		// The "browser" field may replace a directory's index that is not carried.
		return r.file(path.Join(to, "index"), importer, kind)
	}
	if p := r.packageAt(to); p != nil {
		if main, ok := p.entry(kind); ok {
			if inside, ok := joinInside(to, main); ok {
				if t, ok := r.file(path.Join("/", inside), importer, kind); ok {
					return t, true
				}
				if t, ok := r.file(path.Join(inside, "index"), importer, kind); ok {
					return t, true
				}
			}
		}
	}
	return r.file(path.Join(to, "index"), importer, kind)
}

// entry is the main file that a package.json names for this kind of import.
func (p *packageJSON) entry(kind importKind) (string, bool) {
	order := [3]string{p.browserMain, p.module, p.main}
	if kind == byRequire {
		// require() of a package's ES module gives an object where the CommonJS
		// build gives what was exported.
		order = [3]string{p.browserMain, p.main, p.module}
	}
	for _, name := range order {
		if name != "" {
			return name, true
		}
	}
	return "", false
}

// ownExtensions and npmExtensions are tried in turn on a name without one.
var (
	ownExtensions = []string{".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs", ".cts", ".cjs", ".json"}
	npmExtensions = []string{".js", ".json", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts"}
)

// file finds the file at to, or to with an extension. The package's "browser"
// field is asked about each candidate before the tree is, so that a replaced
// file need not be carried.
func (r *resolver) file(to, importer string, kind importKind) (target, bool) {
	owner := r.owner(path.Dir(to))
	if t, ok := r.candidate(owner, to, importer, kind); ok {
		return t, true
	}
	extensions := ownExtensions
	if inNodeModules(to) {
		extensions = npmExtensions
	}
	for _, ext := range extensions {
		if t, ok := r.candidate(owner, to+ext, importer, kind); ok {
			return t, true
		}
	}
	// TypeScript names the file that will be compiled: "./x.js" means ./x.ts.
	if !isTypeScript(importer) {
		return target{}, false
	}
	for _, pair := range [][2]string{{".js", ".ts"}, {".js", ".tsx"}, {".jsx", ".tsx"}, {".mjs", ".mts"}, {".cjs", ".cts"}} {
		if base, ok := strings.CutSuffix(to, pair[0]); ok {
			if t, ok := r.candidate(owner, base+pair[1], importer, kind); ok {
				return t, true
			}
		}
	}
	return target{}, false
}

func isTypeScript(p string) bool {
	switch path.Ext(p) {
	case ".ts", ".tsx", ".mts", ".cts":
		return true
	}
	return false
}

func (r *resolver) candidate(owner *packageJSON, file, importer string, kind importKind) (target, bool) {
	if owner != nil && owner.browser != nil {
		if e, ok := owner.browser[owner.browserKey(file)]; ok {
			if e.disabled {
				return target{path: file, disabled: true}, true
			}
			if to, ok := joinInside(owner.dir, e.to); ok && to != file && r.tree.isFile(to) {
				return r.found(to), true
			}
		}
	}
	if !r.tree.isFile(file) {
		return target{}, false
	}
	return r.found(file), true
}

func (r *resolver) found(file string) target {
	t := target{path: file}
	if owner := r.owner(path.Dir(file)); owner != nil {
		t.sideEffectFree = owner.sideEffects.free(owner.dir, file)
	}
	return t
}

func inNodeModules(p string) bool { return strings.Contains(p, "/node_modules/") }
