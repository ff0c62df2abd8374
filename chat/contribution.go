package chat

// Contributions is what the active plugins add to the chat server, in the order
// in which the plugins were loaded and then of registration.
type Contributions struct {
	Components []Component `json:"components"`
	MenuItems  []MenuItem  `json:"menuItems"`
	Commands   []Command   `json:"commands"`
	Settings   []Settings  `json:"settings"`
}

// Component is a part of the page that a plugin draws.
type Component struct {
	Plugin   string `json:"plugin"`
	Name     string `json:"name"`
	Position string `json:"position"`
}

// MenuItem is an entry of a menu; Host.Click runs its handler.
type MenuItem struct {
	Plugin   string `json:"plugin"`
	ID       string `json:"id"`
	Label    string `json:"label"`
	Icon     string `json:"icon,omitempty"`
	Location string `json:"location,omitempty"`
}

// Command is a slash command. Shown is what a person types after the slash:
// Name, or "plugin:name" where another plugin took the name first.
type Command struct {
	Plugin      string          `json:"plugin"`
	Name        string          `json:"name"`
	Shown       string          `json:"shown"`
	Description string          `json:"description,omitempty"`
	Options     []CommandOption `json:"options,omitempty"`
}

// Settings is the schema of one plugin's settings, for a form.
type Settings struct {
	Plugin string `json:"plugin"`
	Schema Schema `json:"schema"`
}
