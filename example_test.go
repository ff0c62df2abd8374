package innkeeper_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
)

// terminal is a chat server as small as it can be.
type terminal struct{}

// SendMessage stores and shows a message, and gives it its id.
func (terminal) SendMessage(_ context.Context, m chat.Message) (chat.Message, error) {
	m.ID = rand.Text()
	fmt.Printf("%s: %s\n", m.Author.Name, m.Content)
	return m, nil
}

func ExampleHost() {
	innkeeper.RunWorker() // always the first call in main

	ctx := context.Background()
	host, err := innkeeper.New(innkeeper.Options{
		App:    terminal{},
		Dir:    exampleDir(), // everything that plugins keep
		Policy: innkeeper.Policy{GrantDeclared: true},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close(ctx)

	if err := host.Load(ctx, "examples/hello"); err != nil {
		log.Print(err) // plugins that have no fault run all the same
	}

	// Every message of a person goes to the host, which hands it to SendMessage
	// and to the plugins. What they answer comes to SendMessage as well.
	_, err = host.Receive(ctx, chat.Message{
		Channel: "general",
		Role:    chat.RoleUser,
		Author:  chat.Author{ID: "ada", Name: "Ada"},
		Content: "show me an !example",
	})
	if err != nil {
		log.Print(err)
	}
	host.Settle(ctx) // a server that goes on running has no need to wait

	// Output:
	// Ada: show me an !example
	// Example plugin: Hello from example plugin!
}
