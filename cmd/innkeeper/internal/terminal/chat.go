package terminal

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/innkeeper-host/innkeeper/chat"
)

// Chat is the chat server: it accepts what comes. Messages are shown by the
// Screen, which the host tells of each.
type Chat struct {
	version string
	run     string // what the ids of this process begin with
	last    atomic.Int64
}

// NewChat makes a chat server of a version. Its ids are not those of another run
// on the same data: plugins may have kept those.
func NewChat(version string) *Chat {
	return &Chat{version: version, run: strconv.FormatInt(time.Now().UnixMilli(), 36)}
}

// SendMessage gives the message an id.
func (c *Chat) SendMessage(_ context.Context, m chat.Message) (chat.Message, error) {
	m.ID = c.run + "-" + strconv.FormatInt(c.last.Add(1), 10)
	return m, nil
}

// Describe tells plugins what this server is.
func (c *Chat) Describe() chat.Info {
	return chat.Info{Name: "innkeeper terminal", Version: c.version, Features: []string{}}
}
