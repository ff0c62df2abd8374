package innkeeper_test

import (
	"context"
	"fmt"
	"log"

	"github.com/innkeeper-host/innkeeper"
)

// Install keeps a plugin in the data directory; Start runs what is installed, in
// every process that comes after.
func ExampleHost_Install() {
	ctx := context.Background()
	options := innkeeper.Options{
		App: terminal{}, Dir: exampleDir(), Policy: innkeeper.Policy{GrantDeclared: true},
	}
	host, err := innkeeper.New(options)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := host.Install(ctx, "examples/karma"); err != nil {
		log.Print(err)
	}
	if err := host.Close(ctx); err != nil {
		log.Print(err)
	}

	host, err = innkeeper.New(options) // the server was started again
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close(ctx)
	if err := host.Start(ctx); err != nil {
		log.Print(err)
	}
	for _, p := range host.Plugins() {
		fmt.Println(p.Name, p.Version, p.State)
	}

	// Output:
	// karma 1.0.0 active
}
