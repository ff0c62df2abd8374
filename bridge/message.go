package bridge

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/innkeeper-host/innkeeper/chat"
)

// TimeFormat is how a time crosses: ISO 8601 in UTC with milliseconds, as
// JavaScript's toISOString writes it.
const TimeFormat = "2006-01-02T15:04:05.000Z07:00"

// AppendMessage writes m as flat values. It fails where the metadata is not
// JSON.
func (e *Encoder) AppendMessage(m *chat.Message) error {
	e.buf = slices.Grow(e.buf, len(m.Content)+len(m.ID)+len(m.Channel)+len(m.Thread)+len(m.ReplyTo)+len(m.Author.ID)+len(m.Author.Name)+160)
	e.String(m.ID)
	e.String(m.Channel)
	e.String(m.Thread)
	e.String(m.ReplyTo)
	e.String(string(m.Role))
	e.String(m.Author.ID)
	e.String(m.Author.Name)
	e.Bool(m.Author.Bot)
	e.String(m.Content)
	if len(m.Metadata) == 0 {
		e.Undefined()
	} else {
		text, err := json.Marshal(m.Metadata)
		if err != nil {
			return fmt.Errorf("message metadata: %w", err)
		}
		if err := CheckJSON(string(text)); err != nil {
			return fmt.Errorf("message metadata: %w", err)
		}
		e.JSON(string(text))
	}
	e.time(m.CreatedAt)
	e.time(m.EditedAt)
	return nil
}

// time appends a time as text; the zero time as "".
func (e *Encoder) time(t time.Time) {
	if t.IsZero() {
		e.String("")
		return
	}
	var text [32]byte
	e.String(string(t.UTC().AppendFormat(text[:0], TimeFormat)))
}

// FlatMessage is a message as it crosses: Metadata is JSON text or "", times
// are ISO 8601 or "".
type FlatMessage struct {
	ID, Channel, Thread, ReplyTo, Role string
	AuthorID, AuthorName               string
	AuthorBot                          bool
	Content, Metadata                  string
	CreatedAt, EditedAt                string
}

// Message reads what AppendMessage wrote.
func (d *Decoder) Message() FlatMessage {
	return FlatMessage{
		ID: d.String(), Channel: d.String(), Thread: d.String(), ReplyTo: d.String(), Role: d.String(),
		AuthorID: d.String(), AuthorName: d.String(), AuthorBot: d.Bool(),
		Content: d.String(), Metadata: d.JSON(),
		CreatedAt: d.String(), EditedAt: d.String(),
	}
}

// Verdict is what an interceptor decided. The zero Verdict leaves the message
// as it is.
type Verdict struct {
	Drop     bool
	Reject   bool
	Reason   string // for Reject
	Changed  bool
	Content  string // for Changed
	Metadata string // for Changed: JSON of the whole metadata, or ""
}

// AppendVerdict writes v.
func (e *Encoder) AppendVerdict(v Verdict) {
	switch {
	case v.Drop:
		e.String("drop")
	case v.Reject:
		e.String("reject")
		e.String(v.Reason)
	case v.Changed:
		e.String("change")
		e.String(v.Content)
		if v.Metadata == "" {
			e.Undefined()
		} else {
			e.JSON(v.Metadata)
		}
	default:
		e.String("leave")
	}
}

// Verdict reads what AppendVerdict wrote.
func (d *Decoder) Verdict() Verdict {
	switch word := d.String(); word {
	case "leave":
		return Verdict{}
	case "drop":
		return Verdict{Drop: true}
	case "reject":
		return Verdict{Reject: true, Reason: d.String()}
	case "change":
		return Verdict{Changed: true, Content: d.String(), Metadata: d.JSON()}
	default:
		d.fail("unknown verdict %q", word)
		return Verdict{}
	}
}
