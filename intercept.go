package innkeeper

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/bridge/host"
	"github.com/innkeeper-host/innkeeper/chat"
)

// Intercept shows a message to the interceptors before it is accepted, and
// returns it as they leave it. It is for chat servers with a pipeline of their
// own, which call it before they store a message, and Deliver after; others call
// Receive. The error is a *RejectedError or ErrDropped.
func (h *Host) Intercept(ctx context.Context, m chat.Message) (chat.Message, error) {
	return h.intercept(ctx, nil, m, 0)
}

// post is one interceptor in the chain.
type post struct {
	plugin *plugin
	host.Interceptor
}

// intercept runs the chain: higher priority first, then in the order of loading.
// Never the sender's own.
func (h *Host) intercept(ctx context.Context, from *host.Session, m chat.Message, hops int) (chat.Message, error) {
	chain, err := h.chain(from, m.Channel)
	if err != nil || len(chain) == 0 {
		return m, err
	}
	inTime, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := h.clock.AfterFunc(h.limits.Chain, func() { cancel(errLate) })
	defer timer.Stop()
	for _, at := range chain {
		verdict, err := h.verdict(inTime, at, m, hops)
		if ctx.Err() != nil {
			return m, context.Cause(ctx)
		}
		if m, err = at.apply(m, verdict, err); err != nil {
			return m, err
		}
	}
	return m, nil
}

// errLate: the interceptors of one message took longer than all of them may.
var errLate = errors.New("interception took too long")

// chain lists the interceptors for a message. A plugin that is wanted, has one
// which must not be missing, and does not run, rejects the message.
func (h *Host) chain(from *host.Session, channel string) ([]post, error) {
	var chain []post
	for _, p := range h.all() {
		live := p.current()
		if live == nil {
			if p.rejectsInAbsence() && (from == nil || from.Name != p.name) {
				return nil, &RejectedError{p.name, "it must check every message and is not running"}
			}
			continue
		}
		// Asked of every plugin for every message: most have none, which costs least
		// to see.
		interceptors := live.Interceptors()
		if len(interceptors) == 0 || from != nil && from.Name == p.name || !live.MayIntercept(channel) {
			continue
		}
		for _, i := range interceptors {
			chain = append(chain, post{p, i})
		}
	}
	slices.SortStableFunc(chain, func(a, b post) int { return cmp.Compare(b.Priority, a.Priority) })
	return chain, nil
}

func (p *plugin) rejectsInAbsence() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.wanted || p.recipe == nil {
		return false
	}
	// Before its first generation was live it may still register one.
	may, _ := p.recipe.granted.Constraints("messages", "intercept")
	return p.failClosed || may.FailClosed && p.state == StateInitializing
}

// apply does what one interceptor decided. One that throws, is late or is gone
// is passed over, unless it said that the message must then be rejected.
func (at post) apply(m chat.Message, verdict bridge.Verdict, err error) (chat.Message, error) {
	switch {
	case errors.Is(err, errLate) && at.Reject:
		return m, &RejectedError{at.plugin.name, errLate.Error()}
	case err != nil && at.Reject:
		return m, &RejectedError{at.plugin.name, "it could not check the message"}
	case err != nil:
		return m, nil // reported where it happened
	case verdict.Drop:
		return m, fmt.Errorf("%w: %s", ErrDropped, at.plugin.name)
	case verdict.Reject:
		return m, &RejectedError{at.plugin.name, verdict.Reason}
	case verdict.Changed:
		m.Content = verdict.Content
		m.Metadata = mergeMetadata(at.plugin.name, m.Metadata, verdict.Metadata)
	}
	return m, nil
}

func (h *Host) verdict(ctx context.Context, at post, m chat.Message, hops int) (bridge.Verdict, error) {
	if ctx.Err() != nil {
		return bridge.Verdict{}, context.Cause(ctx)
	}
	var e bridge.Encoder
	if err := e.AppendMessage(&m); err != nil {
		return bridge.Verdict{}, err
	}
	answer := make(chan bridge.Result, 1)
	err := at.plugin.call(host.Call{
		Kind: bridge.Intercept, Name: at.Name, Args: e.Payload(),
		Origin: host.Origin{Hops: hops, Channel: m.Channel, Thread: m.Thread},
		Done:   func(r bridge.Result) { answer <- r },
	})
	if err != nil {
		h.refused(at.plugin, bridge.Intercept, err)
		return bridge.Verdict{}, err
	}
	select {
	case r := <-answer:
		if r.Err != nil {
			return bridge.Verdict{}, r.Err
		}
		d := r.Args.Decode()
		return d.Verdict(), d.Err()
	case <-ctx.Done():
		return bridge.Verdict{}, context.Cause(ctx)
	}
}

// mergeMetadata takes over what an interceptor may change: its own member, named
// for the plugin, and members that nobody has set yet. All else is restored.
func mergeMetadata(plugin string, was map[string]any, text string) map[string]any {
	if text == "" {
		return was
	}
	var wants map[string]any
	if json.Unmarshal([]byte(text), &wants) != nil {
		return was
	}
	out := maps.Clone(was)
	if out == nil {
		out = map[string]any{}
	}
	delete(out, ownMember(plugin))
	for key, value := range wants {
		if _, taken := was[key]; key != host.Attribution && (key == ownMember(plugin) || !taken) {
			out[key] = value
		}
	}
	return out
}

// ownMember is the metadata that belongs to a plugin.
func ownMember(plugin string) string {
	if plugin == host.Attribution {
		return ""
	}
	return plugin
}
