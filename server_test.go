package innkeeper_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper/chat"
)

// server is a chat server that keeps what it is told.
type server struct {
	mu     sync.Mutex
	sent   []chat.Message
	change chan struct{} // closed and replaced when sent grows
	refuse func(chat.Message) error
}

func (s *server) SendMessage(_ context.Context, m chat.Message) (chat.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		if err := s.refuse(m); err != nil {
			return m, err
		}
	}
	m.ID = fmt.Sprintf("m%d", len(s.sent)+1)
	s.sent = append(s.sent, m)
	close(s.change)
	s.change = make(chan struct{})
	return m, nil
}

func (s *server) Describe() chat.Info {
	return chat.Info{Name: "testchat", Version: "1.2.3", Features: []string{"threads"}}
}

// messages are those that were accepted.
func (s *server) messages() []chat.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// texts are the contents of what plugins sent, in order.
func (s *server) texts() []string {
	out := []string{}
	for _, m := range s.messages() {
		if m.Author.Bot {
			out = append(out, m.Content)
		}
	}
	return out
}

// await returns when a message passes the test; the test's own time limit ends a
// wait for one that never comes.
func (s *server) await(t testing.TB, ok func(chat.Message) bool) chat.Message {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		s.mu.Lock()
		i := slices.IndexFunc(s.sent, ok)
		change := s.change
		var found chat.Message
		if i >= 0 {
			found = s.sent[i]
		}
		s.mu.Unlock()
		if i >= 0 {
			return found
		}
		select {
		case <-change:
		case <-deadline:
			t.Fatalf("the message never came; sent: %q", s.texts())
		}
	}
}

func saying(text string) func(chat.Message) bool {
	return func(m chat.Message) bool { return m.Content == text }
}
