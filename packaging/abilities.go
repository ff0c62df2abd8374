package packaging

import (
	"slices"
	"strings"
)

// Ability is one thing that a plugin may be allowed to do.
type Ability struct {
	Resource, Action string
	Sentence         string // what it means to the person who is asked for consent
	Later            bool   // known and valid, and not built yet: fails with NotSupportedError
}

// providedPrefix begins the resources that an embedder defines.
const providedPrefix = "provided:"

var abilities = []Ability{
	{"app", "read", "See the name, the version and the features of this chat server", false},
	{"messages", "read", "Read the messages of the chat", false},
	{"messages", "send", "Send messages in the chat", false},
	{"messages", "intercept", "Change or stop messages before others see them", false},
	{"messages", "history", "Read old messages of the chat", true},
	{"messages", "moderate", "Change and delete messages of others", true},
	{"storage", "read", "Read the data that it stored here", false},
	{"storage", "write", "Store data of its own here", false},
	{"events", "listen", "Hear the events of other plugins and of the server", false},
	{"ui", "components", "Show parts of its own in the page of the chat", false},
	{"ui", "menu", "Add entries to the menus of the chat", false},
	{"ui", "prompt", "Ask people to fill in a form", true},
	{"settings", "read", "Have settings, and read them", false},
	{"settings", "write", "Change its own settings", false},
	{"commands", "register", "Add commands that people can type, such as /name", false},
	{"schedule", "register", "Run at set times, without anyone asking", false},
	{"network", "fetch", "Exchange data with the hosts that it lists", true},
	{"users", "read", "See who the people of the chat are", true},
	{"channels", "read", "See the channels of the chat", true},
	{"tools", "register", "Offer functions that an assistant's model may call", true},
	{"tools", "call", "Call functions that are offered to an assistant's model", true},
	{"model", "complete", "Ask this chat server's model", true},
	{"http", "serve", "Answer web requests that are made to this server", true},
	{"plugins", "call", "Call functions of other plugins", true},
}

// Abilities is the whole catalogue, in the order in which people read it. What
// an embedder provides ("provided:NAME") is not in it.
func Abilities() []Ability { return slices.Clone(abilities) }

// Describe says in plain words what an action on a resource gives; "" for one
// that does not exist.
func Describe(resource, action string) string {
	for _, a := range abilities {
		if a.Resource == resource && a.Action == action {
			return a.Sentence
		}
	}
	if name, ok := strings.CutPrefix(resource, providedPrefix); ok && wrongResource(resource) == "" {
		return "Use what this chat server provides as " + name + ": " + action
	}
	return ""
}

func knownResources() []string {
	var out []string
	for _, a := range abilities {
		if !slices.Contains(out, a.Resource) {
			out = append(out, a.Resource)
		}
	}
	return out
}

// actionsOf lists the actions of a resource of the catalogue, nil for another.
func actionsOf(resource string) []string {
	var out []string
	for _, a := range abilities {
		if a.Resource == resource {
			out = append(out, a.Action)
		}
	}
	return out
}
