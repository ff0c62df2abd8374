package innkeeper_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
)

// A chat server that stores messages in a pipeline of its own does not call
// Receive: it calls Intercept before it stores a message, and Deliver after.
// SendMessage is then called for what plugins send only.
func ExampleHost_Intercept() {
	ctx := context.Background()
	host, err := innkeeper.New(innkeeper.Options{
		App: terminal{}, Dir: exampleDir(), Policy: innkeeper.Policy{GrantDeclared: true},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close(ctx)
	if err := host.Load(ctx, "examples/hello"); err != nil {
		log.Print(err)
	}

	message, err := host.Intercept(ctx, chat.Message{
		Channel: "general", Role: chat.RoleUser, Author: chat.Author{ID: "ada", Name: "Ada"}, Content: "!example",
	})
	var rejected *innkeeper.RejectedError
	switch {
	case errors.As(err, &rejected):
		fmt.Printf("not sent: %s\n", rejected.Reason) // by a plugin
		return
	case err != nil:
		log.Print(err)
		return
	}
	message.ID = "42" // it is stored
	if err := host.Deliver(ctx, message); err != nil {
		log.Print(err)
	}
	host.Settle(ctx)

	// Output:
	// Example plugin: Hello from example plugin!
}
