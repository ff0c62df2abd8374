package innkeeper_test

import (
	"context"
	"fmt"
	"log"

	"github.com/innkeeper-host/innkeeper"
)

// An Observer is told of everything that happens: of states, of grants, of
// messages, and of errors that no caller sees.
func ExampleObserver() {
	observer := innkeeper.ObserverFunc(func(e innkeeper.Event) {
		switch e.Type {
		case innkeeper.EventState:
			fmt.Printf("%s is %s\n", e.Plugin, e.State)
		case innkeeper.EventError:
			log.Printf("%s: %v", e.Plugin, e.Err)
		}
	})

	ctx := context.Background()
	host, err := innkeeper.New(innkeeper.Options{
		App: terminal{}, Dir: exampleDir(), Observer: observer,
		Policy: innkeeper.Policy{GrantDeclared: true},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := host.Load(ctx, "examples/polls", "examples/poll-announcer"); err != nil {
		log.Print(err)
	}
	// What needs another plugin is started after it, and stopped before it.
	if err := host.Close(ctx); err != nil {
		log.Print(err)
	}

	// Output:
	// polls is initializing
	// polls is active
	// poll-announcer is initializing
	// poll-announcer is active
	// poll-announcer is stopping
	// poll-announcer is stopped
	// polls is stopping
	// polls is stopped
}
