package bundle

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// A diskTree is the tree that Pack looks imports up in: the plugin's folder,
// and the node_modules in it and in the folders above it. Nothing else of the
// disk is there, and no link leads out of these.
type diskTree struct {
	top      string   // the plugin's folder, with links followed
	modules  []string // the node_modules that may be read, with links followed
	maxBytes int64    // of one file
}

func newDiskTree(dir string, maxBytes int64) (*diskTree, error) {
	abs, err := filepath.Abs(dir)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	if err != nil {
		return nil, err
	}
	t := &diskTree{top: fromOS(abs), maxBytes: maxBytes}
	for _, d := range parentDirs(t.top) {
		// Where node_modules is a link itself, what it leads to counts as well.
		p := path.Join(d, "node_modules")
		t.modules = append(t.modules, p)
		if real, err := filepath.EvalSymlinks(toOS(p)); err == nil && fromOS(real) != p {
			t.modules = append(t.modules, fromOS(real))
		}
	}
	return t, nil
}

// fromOS gives a path of the tree for one of the system: "/C:/a" for `C:\a`.
func fromOS(p string) string {
	p = filepath.ToSlash(p)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return p
}

func toOS(p string) string {
	if filepath.VolumeName(p[1:]) != "" {
		p = p[1:]
	}
	return filepath.FromSlash(p)
}

// below reports whether p is dir or lies in it.
func below(p, dir string) bool {
	return p == dir || strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/")
}

// holds reports whether p is in this tree, going by its name.
func (t *diskTree) holds(p string) bool {
	if below(p, t.top) {
		return true
	}
	for _, m := range t.modules {
		if below(p, m) {
			return true
		}
	}
	return false
}

func (t *diskTree) isFile(p string) bool {
	if !t.holds(p) {
		return false
	}
	info, err := os.Stat(toOS(p))
	return err == nil && info.Mode().IsRegular()
}

func (t *diskTree) isDir(p string) bool {
	if !t.holds(p) {
		return false
	}
	info, err := os.Stat(toOS(p))
	return err == nil && info.IsDir()
}

// real follows the links of a package of node_modules. One that leads out is
// given as it is named; reading a file of it then fails.
func (t *diskTree) real(p string) string {
	real, err := filepath.EvalSymlinks(toOS(p))
	if err != nil || !t.holds(fromOS(real)) {
		return p
	}
	return fromOS(real)
}

// A linkError says that a file is, or lies behind, a link that leads out of
// the plugin's folder and node_modules.
type linkError struct {
	path string // below the plugin's folder where it is
	to   string
}

func (e *linkError) Error() string {
	return fmt.Sprintf("it is a link to %s, which is neither in the plugin's folder nor in node_modules: copy the file into the folder, or install the package (npm install --install-links)", quote(e.to))
}

func (t *diskTree) read(p string) ([]byte, error) {
	real, err := filepath.EvalSymlinks(toOS(p))
	if err != nil {
		return nil, err
	}
	if !t.holds(fromOS(real)) {
		return nil, &linkError{path: p, to: real}
	}
	info, err := os.Stat(real)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is not a regular file")
	}
	if info.Size() > t.maxBytes {
		return nil, fmt.Errorf("it has %d bytes, of at most %d", info.Size(), t.maxBytes)
	}
	return os.ReadFile(real)
}

// own is the path of a file of the plugin itself relative to its folder, and
// whether p is one and not a file of an npm package.
func (t *diskTree) own(p string) (string, bool) {
	rel, ok := strings.CutPrefix(p, strings.TrimSuffix(t.top, "/")+"/")
	return rel, ok && !strings.Contains("/"+rel, "/node_modules/")
}
