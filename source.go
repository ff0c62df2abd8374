package innkeeper

import (
	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

// source is where a plugin's package comes from.
type source struct {
	origin string
	path   string // a folder or a package file
}

// originLocal is the origin of what an operator named by path.
const originLocal = "local"

// read makes the package of what lies at the path now.
func (s source) read(l packaging.Limits) (*packaging.Package, []packaging.Warning, error) {
	return bundle.Open(s.path, bundle.PackOptions{Limits: l})
}

// candidate is a package that was read and is to be loaded.
type candidate struct {
	source   source
	pkg      *packaging.Package
	warnings []packaging.Warning
}
