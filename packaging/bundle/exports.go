package bundle

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// conditions are those of "exports" and "imports" that hold here. "worker" has
// to be among them: without it some npm packages resolve to a build that wants
// a page's DOM, and with "node" more of them fail.
func conditions(k importKind) []string {
	if k == byRequire {
		return []string{"worker", "browser", "require", "default"}
	}
	return []string{"worker", "browser", "import", "default"}
}

var errNotExported = errors.New("not exported")

// matchExports finds what the package exports under subpath ("." or "./x"): a
// path relative to the package, beginning with "./".
func matchExports(exports *jsonNode, subpath string, k importKind) (string, error) {
	table := exports
	if !isSubpathTable(exports) {
		if subpath != "." {
			return "", errNotExported
		}
		table = &jsonNode{kind: jsonObject, keys: []string{"."}, values: []*jsonNode{exports}}
	}
	to, err := matchTable(table, subpath, k)
	if err != nil {
		return "", err
	}
	return to, checkExportTarget(to)
}

// isSubpathTable tells {"./x": …} from a bare target or conditions.
func isSubpathTable(n *jsonNode) bool {
	return n.kind == jsonObject && len(n.keys) > 0 && strings.HasPrefix(n.keys[0], ".")
}

// matchImports finds what "#name" stands for: a path that begins with "./", or
// the name of another package.
func matchImports(imports *jsonNode, name string, k importKind) (string, error) {
	if imports == nil || imports.kind != jsonObject {
		return "", errNotExported
	}
	to, err := matchTable(imports, name, k)
	if err == nil && strings.HasPrefix(to, ".") {
		err = checkExportTarget(to)
	}
	return to, err
}

// matchTable is PACKAGE_IMPORTS_EXPORTS_RESOLVE of Node's documentation.
func matchTable(table *jsonNode, key string, k importKind) (string, error) {
	if n := table.get(key); n != nil && !strings.Contains(key, "*") && !strings.HasSuffix(key, "/") {
		return matchTarget(n, "", k)
	}
	best, star := -1, ""
	for i, pattern := range table.keys {
		before, after, ok := strings.Cut(pattern, "*")
		if !ok {
			// "./dir/" is the old form of "./dir/*".
			if !strings.HasSuffix(pattern, "/") {
				continue
			}
			before, after = pattern, ""
		}
		if strings.Contains(after, "*") || !strings.HasPrefix(key, before) || !strings.HasSuffix(key, after) ||
			len(key) < len(before)+len(after) || key == before {
			continue
		}
		if best < 0 || patternBefore(pattern, table.keys[best]) {
			best, star = i, key[len(before):len(key)-len(after)]
		}
	}
	if best < 0 {
		return "", errNotExported
	}
	to, err := matchTarget(table.values[best], star, k)
	if err == nil && strings.HasSuffix(to, "/") {
		to += star
	}
	return to, err
}

// patternBefore is PATTERN_KEY_COMPARE: the longer base wins, then the longer
// key.
func patternBefore(a, b string) bool {
	base := func(s string) int {
		if i := strings.IndexByte(s, '*'); i >= 0 {
			return i + 1
		}
		return len(s)
	}
	if base(a) != base(b) {
		return base(a) > base(b)
	}
	return len(a) > len(b)
}

// matchTarget is PACKAGE_TARGET_RESOLVE: the first branch that holds.
func matchTarget(n *jsonNode, star string, k importKind) (string, error) {
	switch n.kind {
	case jsonString:
		return strings.ReplaceAll(n.text, "*", star), nil
	case jsonArray:
		for _, v := range n.values {
			if to, err := matchTarget(v, star, k); err == nil {
				return to, nil
			}
		}
	case jsonObject:
		holds := conditions(k)
		for i, condition := range n.keys {
			if !slices.Contains(holds, condition) {
				continue
			}
			to, err := matchTarget(n.values[i], star, k)
			if err == nil {
				return to, nil
			}
			if n.values[i].kind == jsonNull {
				return "", errNotExported
			}
		}
	}
	return "", errNotExported
}

// checkExportTarget refuses a target that leaves its package.
func checkExportTarget(to string) error {
	if !strings.HasPrefix(to, "./") {
		return fmt.Errorf("the target %s does not begin with ./", quote(to))
	}
	for _, part := range strings.Split(to[2:], "/") {
		if part == ".." || part == "." || part == "node_modules" {
			return fmt.Errorf("the target %s leaves its package", quote(to))
		}
	}
	if path.Clean(to) == "." {
		return errors.New("the target is the package itself")
	}
	return nil
}
