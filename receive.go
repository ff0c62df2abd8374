package innkeeper

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/bridge/host"
	"github.com/innkeeper-host/innkeeper/chat"
)

// Receipt is what became of a message that Receive was given.
type Receipt struct {
	// Message is the accepted message with its id; nil where it was a command.
	Message *chat.Message
	// Command is the command that the message was, and Plugin whose it is.
	Command string
	Plugin  string
	// Notice is a text for the sender alone: the help of a command.
	Notice string
}

// Receive takes a message of a person or the assistant. It is the one call a
// message: a command is run; anything else is shown to the interceptors, given to
// App.SendMessage, and delivered to the plugins that listen. Receive does not
// wait for their handlers.
//
// The error is a *RejectedError or ErrDropped where a plugin refused the message,
// an ErrUsage where a command was typed wrong, or what App.SendMessage returned.
func (h *Host) Receive(ctx context.Context, m chat.Message) (Receipt, error) {
	if h.closing.Err() != nil {
		return Receipt{}, ErrClosed
	}
	if err := checkMessage(m); err != nil {
		return Receipt{}, fmt.Errorf("receive: %w", err)
	}
	if strings.HasPrefix(m.Content, "/") {
		if receipt, ok, err := h.command(m); ok {
			return receipt, err
		}
	}
	accepted, err := h.accept(ctx, nil, m, 0)
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{Message: &accepted}, nil
}

func checkMessage(m chat.Message) error {
	if m.Channel == "" {
		return errors.New("the message has no channel")
	}
	if !m.Role.Valid() {
		return fmt.Errorf("the message's role is %q, wanted user, assistant or system", m.Role)
	}
	return nil
}

// accept is the way of every message, a person's and a plugin's: interception,
// the chat server, delivery. from is nil for a person.
func (h *Host) accept(ctx context.Context, from *host.Session, m chat.Message, hops int) (chat.Message, error) {
	if m.CreatedAt.IsZero() {
		m.CreatedAt = h.clock.Now().UTC()
	}
	sender := ""
	if from != nil {
		sender = from.Name
	}
	m, err := h.intercept(ctx, from, m, hops)
	if err != nil {
		h.observe(Event{Type: EventRejected, Plugin: sender, Err: err, Message: &m})
		return m, err
	}
	accepted, err := h.options.App.SendMessage(ctx, m)
	if err != nil {
		err = fmt.Errorf("send message: %w", err)
		h.observe(Event{Type: EventRejected, Plugin: sender, Err: err, Message: &m})
		return m, err
	}
	h.observe(Event{Type: EventMessage, Plugin: sender, Message: &accepted})
	h.deliver(from, accepted, hops)
	return accepted, nil
}

// wayOut is the Host as bridge/host sees it: where what plugins send goes on.
type wayOut struct{ host *Host }

// Accept takes a plugin's message the same way as a person's.
func (w wayOut) Accept(ctx context.Context, from *host.Session, m chat.Message, hops int) (chat.Message, error) {
	accepted, err := w.host.accept(ctx, from, m, hops)
	var rejected *RejectedError
	if errors.As(err, &rejected) || errors.Is(err, ErrDropped) {
		err = bridge.Errorf(bridge.RejectedErrorName, "%s", err) // a plugin branches on the name
	}
	return accepted, err
}

// Emit tells a plugin's event to everyone who listens.
func (w wayOut) Emit(from *host.Session, name, data string, hops int) {
	w.host.emit(name, "plugin:"+from.Name, data, hops)
}

// Incident tells of an error that no caller sees.
func (w wayOut) Incident(from *host.Session, where string, err *bridge.Error) {
	w.host.incident(from, where, err)
}
