package bridge

import "strings"

// MaxEventName bounds an event's name, in bytes.
const MaxEventName = 256

// EventPermission is the permission that a plugin needs to hear an event; the
// empty resource where it needs none. An event that does not exist is a
// TypeError, one that this server cannot have is a NotSupportedError.
func EventPermission(plugin, name string) (resource, action string, err *Error) {
	switch {
	case len(name) > MaxEventName:
		return "", "", Errorf(TypeErrorName, "an event's name has at most %d bytes", MaxEventName)
	case name == "message" || name == "message:edited" || name == "message:deleted":
		return "messages", "read", nil
	case name == "member:joined" || name == "member:left":
		return "", "", Errorf(NotSupportedErrorName, "the event %s is not offered by this version", name)
	case name == "plugin:loaded" || name == "plugin:unloaded":
		return "events", "listen", nil
	case name == "settings:changed" || strings.HasPrefix(name, "plugin:"+plugin+":"):
		return "", "", nil
	case strings.HasPrefix(name, "plugin:") && strings.Contains(name[len("plugin:"):], ":"):
		return "events", "listen", nil
	default:
		return "", "", Errorf(TypeErrorName, "there is no event %q", name)
	}
}
