package bundle

import (
	"errors"
	"io/fs"
	"path"
)

// A tree is a set of files that imports are looked up in. Its paths are
// absolute, clean and slash-separated; "/" is the top.
type tree interface {
	isFile(p string) bool
	isDir(p string) bool
	read(p string) ([]byte, error)
	// real follows the links of a directory of node_modules, so that one npm
	// package that is linked from two places is one module.
	real(p string) string
}

// packageTree is the tree of a package's own files. It holds no links and
// reaches nothing beyond the map.
type packageTree struct {
	files map[string][]byte // without the leading slash
	dirs  map[string]bool   // with it
}

func newPackageTree(files map[string][]byte) *packageTree {
	t := &packageTree{files: files, dirs: map[string]bool{"/": true}}
	for name := range files {
		for d := path.Dir("/" + name); !t.dirs[d]; d = path.Dir(d) {
			t.dirs[d] = true
		}
	}
	return t
}

func (t *packageTree) isFile(p string) bool {
	_, ok := t.files[p[1:]]
	return ok
}

func (t *packageTree) isDir(p string) bool { return t.dirs[p] }

func (t *packageTree) read(p string) ([]byte, error) {
	data, ok := t.files[p[1:]]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: p[1:], Err: errors.New("not in the package")}
	}
	return data, nil
}

func (t *packageTree) real(p string) string { return p }
