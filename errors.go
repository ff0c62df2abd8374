package innkeeper

import (
	"errors"
	"fmt"
	"strings"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/internal/datadir"
	"github.com/innkeeper-host/innkeeper/internal/order"
	"github.com/innkeeper-host/innkeeper/internal/visible"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// Errors that a caller branches on.
var (
	// ErrClosed: the host was closed.
	ErrClosed = errors.New("host is closed")
	// ErrUnknownPlugin: the host knows no plugin of that name.
	ErrUnknownPlugin = errors.New("there is no such plugin")
	// ErrLoaded: a plugin of that name is loaded already.
	ErrLoaded = errors.New("a plugin of that name is loaded already")
	// ErrNotActive: the plugin is not active, so it cannot be asked.
	ErrNotActive = errors.New("the plugin is not active")
	// ErrDropped: an interceptor dropped the message without a reason.
	ErrDropped = errors.New("the message was dropped by a plugin")
	// ErrUsage: what was typed does not fit the command; the text says why.
	ErrUsage = chat.ErrUsage
	// ErrTimedOut: a plugin's JavaScript ran past its running limit.
	ErrTimedOut = bridge.ErrTimedOut
)

// HeldError says that another host runs on the data directory, and which
// process it is.
type HeldError = datadir.HeldError

type (
	// MissingError says that a plugin needs one that does not run.
	MissingError = order.MissingError
	// MismatchError says that what a plugin needs runs in another version.
	MismatchError = order.MismatchError
	// CycleError names plugins that need each other in a circle.
	CycleError = order.CycleError
)

// PluginError is an error of a plugin's own code.
type PluginError struct {
	Plugin  string
	Where   string // "initialize", "message", "command", …
	Name    string // the error's name, such as "TypeError"
	Message string
	Stack   string // in the plugin's source lines, one frame a line; may be ""
	// Fatal says that the generation ended with it.
	Fatal bool
}

func (e *PluginError) Error() string {
	text := e.Message
	if e.Name != "" && e.Name != "Error" {
		text = e.Name + ": " + text
	}
	return fmt.Sprintf("%s: %s: %s", e.Plugin, e.Where, visible.Text(text))
}

// Is lets errors.Is find the running limit behind an error that crossed as text.
func (e *PluginError) Is(target error) bool {
	return target == ErrTimedOut && e.Fatal && e.Message == ErrTimedOut.Error()
}

func pluginError(plugin, where string, err *bridge.Error) *PluginError {
	return &PluginError{Plugin: plugin, Where: where, Name: err.Name, Message: err.Message, Stack: visible.Text(err.Stack), Fatal: err.Fatal}
}

// RejectedError says which plugin refused a message, and why.
type RejectedError struct {
	Plugin string
	Reason string
}

func (e *RejectedError) Error() string {
	return fmt.Sprintf("message rejected by %s: %s", e.Plugin, visible.Line(e.Reason))
}

// PermissionError lists what a plugin needs and the policy does not grant: why it
// was not loaded.
type PermissionError struct {
	Plugin string
	Denied []packaging.Grant
}

func (e *PermissionError) Error() string {
	words := make([]string, len(e.Denied))
	for i, g := range e.Denied {
		words[i] = g.String()
	}
	return fmt.Sprintf("load %s: Permission denied: %s", e.Plugin, strings.Join(words, ", "))
}

// DependentsError names the plugins that need the one that was to be unloaded or
// disabled.
type DependentsError struct {
	Plugin     string
	Dependents []string
}

func (e *DependentsError) Error() string {
	return fmt.Sprintf("stop %s: it is needed by %s; stop them too, or first", e.Plugin, strings.Join(e.Dependents, ", "))
}
