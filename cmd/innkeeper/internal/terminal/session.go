package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
)

// Session is one person's conversation.
type Session struct {
	Host    *innkeeper.Host
	Screen  Screen
	In      io.Reader
	User    string
	Channel string
	// Patient waits after each line until what it caused is done, so that the
	// answers come in the same order every time. Without it only the end waits.
	Patient bool
	// Wait bounds each such wait; 0 means no bound.
	Wait time.Duration
}

// maxLine bounds one line of input, in bytes.
const maxLine = 1 << 20

// Run takes lines until the input ends or ctx does, and waits for what is under
// way then. The error is that of reading, or the cause of ctx.
func (s *Session) Run(ctx context.Context) error {
	lines, failed := s.read(ctx)
	if s.Patient {
		s.settle(ctx)
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case line, more := <-lines:
			if !more {
				s.settle(ctx)
				return errors.Join(<-failed, context.Cause(ctx))
			}
			s.say(ctx, line)
			if s.Patient {
				s.settle(ctx)
			}
		}
	}
}

// read gives the lines of the input, and after the last one why it ended.
func (s *Session) read(ctx context.Context) (<-chan string, <-chan error) {
	lines, failed := make(chan string), make(chan error, 1)
	go func() {
		defer close(lines)
		in := bufio.NewScanner(s.In)
		in.Buffer(nil, maxLine)
		for in.Scan() {
			select {
			case lines <- in.Text():
			case <-ctx.Done():
				failed <- nil
				return
			}
		}
		err := in.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("read standard input: a line is over %d bytes; a message has no more", maxLine)
		}
		failed <- err
	}()
	return lines, failed
}

// say is the person saying a line. Blank ones are nothing.
func (s *Session) say(ctx context.Context, line string) {
	line = strings.ToValidUTF8(strings.TrimRight(line, "\r"), "\uFFFD")
	if strings.TrimSpace(line) == "" {
		return
	}
	m := chat.Message{
		Channel: s.Channel, Role: chat.RoleUser, Author: chat.Author{ID: s.User, Name: s.User},
		Content: line, Metadata: map[string]any{},
	}
	receipt, err := s.Host.Receive(ctx, m)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		s.Screen.Refused(m, err)
		return
	}
	if receipt.Notice != "" {
		s.Screen.Notice(receipt.Notice)
	}
	if receipt.Message != nil && receipt.Message.Content != line {
		s.Screen.Hint("a plugin changed your message to: " + receipt.Message.Content)
	}
	if name := strings.TrimSpace(commandLike.FindString(line)); receipt.Message != nil && name != "" {
		s.Screen.Hint("no plugin has the command " + name + ", so it was sent as a message; /help lists the commands")
	}
}

// commandLike is how a line begins that was probably meant as a command, and not
// as a path such as /etc/hosts.
var commandLike = regexp.MustCompile(`^/[\pL\pN_:-]+(?:\s|$)`)

var errWait = errors.New("waited long enough")

// settle waits for what is under way. Where that takes too long, later lines are
// not held up again; only the end of the input waits once more.
func (s *Session) settle(ctx context.Context) {
	if s.Wait > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, s.Wait, errWait)
		defer cancel()
	}
	if err := s.Host.Settle(ctx); errors.Is(err, errWait) {
		s.Patient = false
		s.Screen.Hint(fmt.Sprintf("plugins are still at work after %s; going on (see --wait)", s.Wait))
	}
}
