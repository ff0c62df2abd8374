package innkeeper_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/innkeeper-host/innkeeper"
)

// An operator grants what plugins may do, one by one. A plugin that asks for more
// is refused, unless it can do without.
func ExamplePolicy() {
	ctx := context.Background()
	host, err := innkeeper.New(innkeeper.Options{
		App: terminal{},
		Dir: exampleDir(),
		Policy: innkeeper.Policy{
			Grant: map[string][]string{
				"*":              {"storage:*", "settings:*"},
				"example-plugin": {"messages:read"},
			},
			Deny: []string{"messages:intercept"},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close(ctx)

	err = host.Load(ctx, "examples/hello")
	fmt.Println(err)

	var refused *innkeeper.PermissionError
	if errors.As(err, &refused) {
		fmt.Printf("%s would also need %v\n", refused.Plugin, refused.Denied)
	}

	// Output:
	// load example-plugin: Permission denied: messages:send, ui:components
	// example-plugin would also need [messages:send ui:components]
}
