package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// maxPackageJSON bounds a package.json. The largest on npm are about 300 KB.
const maxPackageJSON = 1 << 20

// maxPackageJSONDepth bounds how deep a package.json nests; Node's own
// conditions need five.
const maxPackageJSONDepth = 32

// A packageJSON is what module resolution needs of a package.json.
type packageJSON struct {
	dir         string // where it lies in the tree
	name        string
	browserMain string
	module      string
	main        string
	browser     map[string]browserEntry // "browser" as an object
	exports     *jsonNode               // nil when there is none
	imports     *jsonNode
	sideEffects sideEffects
}

// A browserEntry is one replacement in the "browser" field: another module, or
// nothing at all.
type browserEntry struct {
	to       string
	disabled bool
}

// sideEffects is the field of that name: whether a module of the package that
// nobody reads from may be left out.
type sideEffects struct {
	none  bool     // "sideEffects": false
	files []string // "sideEffects": [globs]; only those have some
	some  bool     // files was given
}

// free reports whether the module at file may be left out when unused.
func (s sideEffects) free(dir, file string) bool {
	if s.none {
		return true
	}
	if !s.some {
		return false
	}
	rel := strings.TrimPrefix(strings.TrimPrefix(file, dir), "/")
	for _, pattern := range s.files {
		pattern = strings.TrimPrefix(pattern, "./")
		if !strings.Contains(pattern, "/") {
			pattern = "**/" + pattern
		}
		if ok, err := doublestar.Match(pattern, rel); ok || err != nil {
			return false
		}
	}
	return true
}

func parsePackageJSON(dir string, data []byte) (*packageJSON, error) {
	if len(data) > maxPackageJSON {
		return nil, errors.New("it is larger than 1 MiB")
	}
	root, err := parseJSON(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if err != nil {
		return nil, err
	}
	if root.kind != jsonObject {
		return nil, errors.New("it is not an object")
	}
	p := &packageJSON{
		dir:     dir,
		name:    root.get("name").str(),
		main:    root.get("main").str(),
		module:  root.get("module").str(),
		exports: root.get("exports"),
		imports: root.get("imports"),
	}
	if p.exports != nil && p.exports.kind == jsonNull {
		p.exports = nil
	}
	if b := root.get("browser"); b != nil {
		switch b.kind {
		case jsonString:
			p.browserMain = b.text
		case jsonObject:
			p.browser = map[string]browserEntry{}
			for i, key := range b.keys {
				switch v := b.values[i]; {
				case v.kind == jsonString:
					p.browser[key] = browserEntry{to: v.text}
				case v.kind == jsonFalse:
					p.browser[key] = browserEntry{disabled: true}
				}
			}
		}
	}
	if s := root.get("sideEffects"); s != nil {
		switch s.kind {
		case jsonFalse:
			p.sideEffects.none = true
		case jsonArray:
			p.sideEffects.some = true
			for _, v := range s.values {
				if v.kind == jsonString {
					p.sideEffects.files = append(p.sideEffects.files, v.text)
				}
			}
		}
	}
	return p, nil
}

// browserKey is how the "browser" field names the file at p.
func (p *packageJSON) browserKey(file string) string {
	if p.dir == "/" {
		return "." + file
	}
	return "." + strings.TrimPrefix(file, p.dir)
}

// jsonKind is the kind of a jsonNode.
type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonFalse
	jsonTrue
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

// A jsonNode is a JSON value that keeps the order of an object's keys: Node
// tries the conditions of "exports" in the order in which they are written.
type jsonNode struct {
	kind   jsonKind
	text   string
	keys   []string
	values []*jsonNode
}

// get is the value of a key, or nil.
func (n *jsonNode) get(key string) *jsonNode {
	if n == nil || n.kind != jsonObject {
		return nil
	}
	for i, k := range n.keys {
		if k == key {
			return n.values[i]
		}
	}
	return nil
}

// str is the text of a string, or "".
func (n *jsonNode) str() string {
	if n == nil || n.kind != jsonString {
		return ""
	}
	return n.text
}

func parseJSON(data []byte) (*jsonNode, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	n, err := decodeNode(d, 0)
	if err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("it goes on after its value")
	}
	return n, nil
}

func decodeNode(d *json.Decoder, depth int) (*jsonNode, error) {
	if depth > maxPackageJSONDepth {
		return nil, errors.New("it nests too deep")
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := t.(type) {
	case nil:
		return &jsonNode{kind: jsonNull}, nil
	case bool:
		if v {
			return &jsonNode{kind: jsonTrue}, nil
		}
		return &jsonNode{kind: jsonFalse}, nil
	case json.Number:
		return &jsonNode{kind: jsonNumber, text: v.String()}, nil
	case string:
		return &jsonNode{kind: jsonString, text: v}, nil
	case json.Delim:
		n := &jsonNode{kind: jsonArray}
		if v == '{' {
			n.kind = jsonObject
		}
		for d.More() {
			if n.kind == jsonObject {
				k, err := d.Token()
				if err != nil {
					return nil, err
				}
				key, ok := k.(string)
				if !ok {
					return nil, errors.New("a key is not a string")
				}
				n.keys = append(n.keys, key)
			}
			value, err := decodeNode(d, depth+1)
			if err != nil {
				return nil, err
			}
			n.values = append(n.values, value)
		}
		if _, err := d.Token(); err != nil {
			return nil, err
		}
		return n, nil
	}
	return nil, errors.New("it is not JSON")
}

// parentDirs are dir and all directories above it, nearest first.
func parentDirs(dir string) []string {
	dirs := []string{dir}
	for up := path.Dir(dir); up != dir; up = path.Dir(dir) {
		dir = up
		dirs = append(dirs, dir)
	}
	return dirs
}
