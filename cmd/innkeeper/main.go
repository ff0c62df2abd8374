// Command innkeeper runs, packs, inspects and checks plugins.
//
// The vocabulary is that of the library: a plugin is a folder or a package file.
// Each command has one file, which parses flags and calls the library; what only
// the command needs lies in internal.
package main

import (
	"os"

	"github.com/innkeeper-host/innkeeper"
)

func main() {
	innkeeper.RunWorker()
	os.Exit(execute(os.Args[1:]))
}
