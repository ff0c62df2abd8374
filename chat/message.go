package chat

import "time"

// Role says on whose behalf a message speaks.
type Role string

// The roles of the contract.
const (
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
	RoleSystem    Role = "system"
)

// Valid reports whether r is one of the three roles.
func (r Role) Valid() bool { return r == RoleUser || r == RoleAssistant || r == RoleSystem }

// Author is who sent a message.
type Author struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Bot  bool   `json:"bot,omitempty"`
	// Icon is a path in the plugin's package, for authors that are plugins.
	Icon string `json:"icon,omitempty"`
}

// Message is what one author said in one channel. It is passed by value;
// whoever hands one over must not change its Metadata afterwards.
type Message struct {
	// ID is the chat server's name for the message: "" until it is accepted.
	ID      string `json:"id"`
	Channel string `json:"channel"`
	Thread  string `json:"thread,omitempty"`
	ReplyTo string `json:"replyTo,omitempty"`
	Role    Role   `json:"role"`
	Author  Author `json:"author"`
	Content string `json:"content"`
	// Metadata holds JSON values (what encoding/json can marshal).
	Metadata  map[string]any `json:"metadata"`
	CreatedAt time.Time      `json:"createdAt"`
	// EditedAt is zero for a message that was never edited.
	EditedAt time.Time `json:"editedAt,omitzero"`
}
