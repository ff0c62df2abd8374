package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// Attribution is the member of a message's metadata that says which plugin sent
// it; only the host sets it.
const Attribution = "plugin"

// maxContent bounds the text of a plugin's message, in bytes.
const maxContent = 64 << 10

// listen serves onMessage.
func (s *Session) listen(id uint32, d *bridge.Decoder) *bridge.Error {
	plugins := d.Bool()
	if err := d.Err(); err != nil {
		return crossing(err)
	}
	if !s.Allows("messages", "read") {
		return bridge.Denied("messages", "read")
	}
	return s.add(func(r *registrations) { r.listens = append(r.listens, listen{id, plugins}) })
}

// intercept serves interceptMessage.
func (s *Session) intercept(id uint32, d *bridge.Decoder) *bridge.Error {
	priority, onFailure := d.Number(), d.String()
	if err := d.Err(); err != nil {
		return crossing(err)
	}
	for _, action := range []string{"read", "intercept"} {
		if !s.Allows("messages", action) {
			return bridge.Denied("messages", action)
		}
	}
	reject := false
	switch onFailure {
	case "", "skip":
	case "reject":
		if c, _ := s.grants.Load().Constraints("messages", "intercept"); !c.FailClosed {
			return bridge.Errorf(bridge.PermissionErrorName, "Permission denied: messages:intercept with failClosed")
		}
		reject = true
	default:
		return bridge.Errorf(bridge.TypeErrorName, `interceptMessage: onFailure is %q, wanted "skip" or "reject"`, onFailure)
	}
	if priority != priority {
		return bridge.Errorf(bridge.TypeErrorName, "interceptMessage: priority is not a number")
	}
	return s.add(func(r *registrations) {
		// The n-th interceptor of a generation stands in for the n-th of the one
		// before it.
		r.interceptors = append(r.interceptors, interceptor{id, fmt.Sprint(r.intercepted), priority, reject})
		r.intercepted++
	})
}

// Listens reports whether the plugin has handlers for messages, of people or of
// plugins.
func (s *Session) Listens(toPlugins bool) bool {
	wanted := uint32(hearsPeople)
	if toPlugins {
		wanted = hearsPlugins
	}
	return s.summary.Load()&wanted != 0
}

// MayIntercept reports whether the plugin may see a message in that channel
// before it is accepted.
func (s *Session) MayIntercept(channel string) bool {
	c, ok := s.grants.Load().Constraints("messages", "intercept")
	return ok && covers(c, channel) && s.MayRead(channel)
}

// MayRead reports whether the plugin may see messages in that channel now.
func (s *Session) MayRead(channel string) bool {
	c, ok := s.grants.Load().Constraints("messages", "read")
	return ok && covers(c, channel)
}

func covers(c packaging.Constraints, channel string) bool {
	return len(c.Channels) == 0 || slices.Contains(c.Channels, channel)
}

// sendRequest is a message on its way out.
type sendRequest struct {
	message chat.Message
	hops    int
	reply   func(bridge.Result)
}

// send serves sendMessage: it makes the message whole and lets it go its way
// behind those that the plugin sent before.
func (s *Session) send(r bridge.Request, d *bridge.Decoder, reply func(bridge.Result)) {
	m, hops, err := s.outgoing(r.Cause, d)
	if err != nil {
		if err.Name == bridge.LoopErrorName {
			s.incident("sendMessage", err)
		}
		reply(fail(err))
		return
	}
	switch held, full := s.hold(s.sendLater(m, hops)); {
	case full:
		reply(fail(bridge.Errorf(bridge.BusyErrorName, "sendMessage: %d messages are held while initialize runs", maxHeld)))
	case held:
		reply(messageResult(m))
	default:
		s.queueSend(sendRequest{m, hops, reply})
	}
}

// sendLater is what GoLive does with a held message; a refusal is told then.
func (s *Session) sendLater(m chat.Message, hops int) func() {
	return func() {
		s.queueSend(sendRequest{m, hops, func(r bridge.Result) {
			if r.Err != nil {
				s.incident("sendMessage in initialize", r.Err)
			}
		}})
	}
}

func (s *Session) queueSend(r sendRequest) {
	s.desk.Busy.Add(1)
	if !s.sends.put(r) {
		s.desk.Busy.Add(-1)
		r.reply(fail(bridge.Errorf(bridge.BusyErrorName, "sendMessage: too many messages are waiting")))
	}
}

// outgoing reads what a plugin wants to send and adds what only the host may
// say: author, attribution, role, channel.
func (s *Session) outgoing(cause bridge.Cause, d *bridge.Decoder) (chat.Message, int, *bridge.Error) {
	m := chat.Message{Content: d.String(), Channel: d.String(), Thread: d.String(), ReplyTo: d.String()}
	role, metadata := chat.Role(d.String()), d.JSON()
	if err := d.Err(); err != nil {
		return m, 0, crossing(err)
	}
	constraints, ok := s.grants.Load().Constraints("messages", "send")
	if !ok {
		return m, 0, bridge.Denied("messages", "send")
	}
	origin := s.calls.origin(cause)
	if m.Channel == "" {
		// An answer belongs where the question was.
		m.Channel = origin.Channel
		if m.Thread == "" {
			m.Thread = origin.Thread
		}
	}
	switch {
	case m.Channel == "":
		return m, 0, bridge.Errorf(bridge.TypeErrorName, "sendMessage: channel is required outside of a message's or command's handler")
	case !covers(constraints, m.Channel):
		return m, 0, bridge.Errorf(bridge.PermissionErrorName, "Permission denied: messages:send in channel %q", m.Channel)
	case len(m.Content) > maxContent:
		return m, 0, bridge.Errorf(bridge.RangeErrorName, "sendMessage: content has %d bytes, the limit is %d", len(m.Content), maxContent)
	}
	m.Role = chat.RoleAssistant
	if slices.Contains(constraints.Roles, string(role)) && role.Valid() {
		m.Role = role
	}
	if err := decodeMetadata(metadata, &m); err != nil {
		return m, 0, err
	}
	m.Metadata[Attribution] = s.Name
	m.Author = chat.Author{ID: "plugin:" + s.Name, Name: s.Display, Icon: s.Icon, Bot: true}
	m.CreatedAt = s.desk.Clock.Now().UTC()
	hops := origin.Hops + 1
	if hops > s.desk.Hops {
		return m, 0, bridge.Errorf(bridge.LoopErrorName, "sendMessage: %d plugins already answered each other; the chain ends here", s.desk.Hops)
	}
	return m, hops, nil
}

func decodeMetadata(text string, m *chat.Message) *bridge.Error {
	if text != "" && text != "null" {
		if err := json.Unmarshal([]byte(text), &m.Metadata); err != nil {
			return bridge.Errorf(bridge.TypeErrorName, "metadata: wanted an object")
		}
	}
	if m.Metadata == nil {
		m.Metadata = map[string]any{}
	}
	return nil
}

// serveSends sends one message after another, so that they arrive in the order
// in which the plugin sent them.
func (s *Session) serveSends(batch []sendRequest) {
	for _, r := range batch {
		accepted, err := s.desk.Chat.Accept(s.ctx, s, r.message, r.hops)
		switch {
		case err == nil:
			r.reply(messageResult(accepted))
		case errors.Is(err, context.Canceled) && s.ctx.Err() != nil:
			r.reply(fail(bridge.Errorf("Error", "%s", bridge.ErrClosed)))
		default:
			r.reply(fail(crossing(err)))
		}
		s.desk.Busy.Add(-1)
	}
}

func messageResult(m chat.Message) bridge.Result {
	var e bridge.Encoder
	if err := e.AppendMessage(&m); err != nil {
		return fail(crossing(err))
	}
	return bridge.Result{Args: e.Payload()}
}
