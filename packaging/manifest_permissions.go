package packaging

import (
	"fmt"
	"slices"
	"strings"
)

var permissionFields = []string{"resource", "actions", "reason", "optional", "hosts", "channels", "roles", "failClosed"}

// constraintOf is the one resource that each constraint belongs to.
var constraintOf = map[string]string{"hosts": "network", "channels": "messages", "roles": "messages", "failClosed": "messages"}

var messageRoles = []string{"user", "assistant", "system"}

func (c *manifestCheck) permissions(t map[string]any) []Permission {
	v, present := t["permissions"]
	if !present {
		return nil
	}
	array, ok := v.([]any)
	if !ok {
		c.wrong("permissions", v, `an array of objects such as {"resource": "messages", "actions": ["read"]}`)
		return nil
	}
	out := make([]Permission, 0, len(array))
	for i, item := range array {
		if c.full() {
			break
		}
		field := fmt.Sprintf("permissions[%d]", i)
		object, ok := item.(map[string]any)
		if !ok {
			c.wrong(field, item, `an object such as {"resource": "messages", "actions": ["read"]}`)
			continue
		}
		out = append(out, c.permission(field+".", object))
	}
	return out
}

func (c *manifestCheck) permission(prefix string, object map[string]any) Permission {
	c.unknown(prefix, object, permissionFields)
	p := Permission{
		Resource:   c.text(object, prefix, "resource", wrongResource),
		Reason:     c.text(object, prefix, "reason", nil),
		Optional:   c.flag(object, prefix, "optional"),
		Hosts:      c.texts(object, prefix, "hosts", wrongHost),
		Channels:   c.texts(object, prefix, "channels", wrongChannel),
		Roles:      c.texts(object, prefix, "roles", wrongRole),
		FailClosed: c.flag(object, prefix, "failClosed"),
	}
	if _, ok := object["resource"]; !ok {
		c.missing(prefix+"resource", "one of "+quoteAll(knownResources()))
	}
	p.Actions = c.actions(object, prefix, p.Resource)
	if wrongResource(p.Resource) == "" {
		for _, name := range []string{"hosts", "channels", "roles", "failClosed"} {
			if v, stands := object[name]; stands && constraintOf[name] != p.Resource {
				c.wrong(prefix+name, v, fmt.Sprintf("nothing: %s belongs to %s, not to %s", name, constraintOf[name], p.Resource))
			}
		}
	}
	c.oddPermission(prefix, p)
	return p
}

func (c *manifestCheck) actions(object map[string]any, prefix, resource string) []string {
	var check func(string) string
	if wrongResource(resource) == "" {
		check = func(action string) string { return wrongAction(resource, action) }
	}
	actions := c.texts(object, prefix, "actions", check)
	wanted := "at least one action"
	if known := actionsOf(resource); known != nil {
		wanted += " of " + quoteAll(known)
	}
	if v, ok := object["actions"]; !ok {
		c.missing(prefix+"actions", wanted)
	} else if array, ok := v.([]any); ok && len(array) == 0 {
		c.wrong(prefix+"actions", array, wanted)
	}
	seen := make(map[string]bool, len(actions))
	for i, a := range actions {
		if seen[a] {
			c.wrong(fmt.Sprintf("%sactions[%d]", prefix, i), a, "each action once")
		}
		seen[a] = true
	}
	return actions
}

// oddPermission warns of what is allowed and does nothing.
func (c *manifestCheck) oddPermission(prefix string, p Permission) {
	has := func(action string) bool { return slices.Contains(p.Actions, action) }
	if p.FailClosed && !has("intercept") {
		c.warn(prefix+"failClosed", "does nothing without the action \"intercept\"")
	}
	if len(p.Roles) > 0 && !has("send") {
		c.warn(prefix+"roles", "does nothing without the action \"send\"")
	}
	if p.Resource == "network" && len(p.Hosts) == 0 && has("fetch") {
		c.warn(prefix+"hosts", "missing: without it no host can be fetched from")
	}
}

func wrongResource(resource string) string {
	if name, provided := strings.CutPrefix(resource, providedPrefix); provided {
		if wordPattern().MatchString(name) {
			return ""
		}
		return "provided:NAME, where NAME is up to 64 letters, digits, \".\", \"_\" or \"-\""
	}
	if actionsOf(resource) != nil {
		return ""
	}
	return oneOf(resource, knownResources())
}

func wrongAction(resource, action string) string {
	if strings.HasPrefix(resource, providedPrefix) {
		if wordPattern().MatchString(action) {
			return ""
		}
		return "up to 64 letters, digits, \".\", \"_\" or \"-\""
	}
	known := actionsOf(resource)
	if slices.Contains(known, action) {
		return ""
	}
	return oneOf(action, known)
}

func wrongChannel(channel string) string {
	if channel == "" {
		return "the name of a channel"
	}
	return ""
}

func wrongRole(role string) string {
	if slices.Contains(messageRoles, role) {
		return ""
	}
	return oneOf(role, messageRoles)
}

// oneOf lists what may stand in a place, and what was probably meant.
func oneOf(found string, known []string) string {
	wanted := "one of " + quoteAll(known)
	if len(known) == 1 {
		wanted = fmt.Sprintf("%q", known[0])
	}
	if near := nearest(found, known); near != "" {
		wanted += fmt.Sprintf("; did you mean %q?", near)
	}
	return wanted
}

func quoteAll(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(quoted, ", ")
}
