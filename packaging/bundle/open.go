package bundle

import (
	"fmt"
	"io"
	"os"

	"github.com/innkeeper-host/innkeeper/packaging"
)

// Open makes the package of what lies at path: a folder is packed, a file is
// unpacked. Errors are those of Pack and of packaging.Unpack; a path that is not
// there is fs.ErrNotExist.
func Open(path string, o PackOptions) (*packaging.Package, []packaging.Warning, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read plugin: %w", err)
	}
	if info.IsDir() {
		pkg, warnings, err := Pack(path, o)
		if err != nil {
			return nil, nil, fmt.Errorf("read plugin %s: %w", path, err)
		}
		return pkg, warnings, nil
	}
	data, err := readBounded(path, o.Limits.EncodedBytes())
	if err != nil {
		return nil, nil, fmt.Errorf("read package %s: %w", path, err)
	}
	pkg, err := packaging.Unpack(data, o.Limits)
	if err != nil {
		return nil, nil, fmt.Errorf("read package %s: %w", path, err)
	}
	return pkg, nil, nil
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
