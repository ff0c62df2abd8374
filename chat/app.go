package chat

import "context"

// App is the chat server that embeds the host. It is called from many
// goroutines at once and must be safe for that. Every further capability is an
// optional interface beside it, such as Describer; a plugin that needs one the
// server does not have gets a NotSupportedError.
type App interface {
	// SendMessage stores and shows a message and returns it as accepted: with
	// its ID, and with CreatedAt where the server sets its own. The message has
	// already passed interception. An error means that nobody saw the message;
	// the sender is told.
	//
	// The App must not hand the message to the host again: the host delivers it.
	SendMessage(ctx context.Context, m Message) (Message, error)
}

// Info is what a plugin with app:read learns of the server (context.app).
type Info struct {
	Name     string   `json:"name"`
	Version  string   `json:"version"`
	Features []string `json:"features"`
}

// Describer is an App that tells its name, version and features. It is asked
// once, by the host's constructor.
type Describer interface {
	Describe() Info
}
