package main

import (
	"github.com/spf13/cobra"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/keyfile"
)

// hostFlags are those of commands that open a host.
type hostFlags struct{ data string }

func (f *hostFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.data, "data", ".innkeeper", "the directory that keeps data and installed plugins; one process at a time may have it")
	_ = c.MarkFlagDirname("data") // only completion suffers
}

// options adds to o what all hosts of the command share: whoever names a plugin
// on the command line grants what it declares.
func (f *hostFlags) options(o innkeeper.Options) innkeeper.Options {
	o.Dir = f.data
	o.Policy = innkeeper.Policy{GrantDeclared: true}
	return o
}

// secretKey is the key in the file that was named, which must be usable, or the
// user's own. Where that cannot be had, why says so, and secret settings are
// refused.
func (f *hostFlags) secretKey(named string) (key []byte, why, err error) {
	if named != "" {
		key, err = keyfile.Ensure(named, f.data)
		return key, nil, err
	}
	path, why := keyfile.Default()
	if why == nil {
		key, why = keyfile.Ensure(path, f.data)
	}
	return key, why, nil
}
