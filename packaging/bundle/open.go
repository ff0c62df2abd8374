package bundle

import (
	"fmt"
	"io"
	"os"

	"github.com/innkeeper-host/innkeeper/packaging"
)

// Open makes the package of what lies at path: a folder is packed, a file is
// unpacked. Warnings tell what is odd about it. Errors are those of Pack and of
// packaging.Unpack; a path that is not there is fs.ErrNotExist.
func Open(path string, o PackOptions) (*packaging.Package, []packaging.Warning, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read plugin: %w", err)
	}
	var pkg *packaging.Package
	var warnings []packaging.Warning
	switch mode := info.Mode(); {
	case mode.IsDir():
		pkg, warnings, err = Pack(path, o)
	case mode.IsRegular(): // opening a pipe would wait for a writer
		pkg, warnings, err = unpack(path, o.Limits)
	default:
		err = fmt.Errorf("it is neither a folder nor a file (%s)", mode)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read plugin %s: %w", path, err)
	}
	return pkg, warnings, nil
}

func unpack(path string, l packaging.Limits) (*packaging.Package, []packaging.Warning, error) {
	data, err := readBounded(path, l.EncodedBytes())
	if err != nil {
		return nil, nil, err
	}
	pkg, err := packaging.Unpack(data, l)
	if err != nil {
		return nil, nil, err
	}
	// Unpack refuses what is wrong and passes over what is only odd.
	manifest, err := pkg.Manifest.MarshalJSON()
	if err != nil {
		return nil, nil, err
	}
	_, warnings, err := packaging.ParseManifest(manifest)
	return pkg, warnings, err
}

func readBounded(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("the file is over %d bytes, more than any package may have", most)
	}
	return data, nil
}
