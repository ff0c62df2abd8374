package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"os/user"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

// runFlags are what run can be told.
type runFlags struct {
	data      string
	user      string
	channel   string
	secretKey string
	asJSON    bool
}

func newRun() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [PATH...]",
		Short: "Chat with plugins in the terminal",
		Long: `run is a chat in the terminal. Each line that you type is a message; what plugins
answer comes out on standard output, everything else (what they are granted, what
they log, errors) on standard error. /command runs a command, /help lists them.

With paths, the plugins there run in this process only, and are granted what they
declare. Without a path, what was installed runs. In a pipe, run waits for what
each message sets off and ends with the input.

With --json, standard output has one JSON object a line. Its "type" is
  message   "message": what was said, as the chat server stores it
  notice    "text": for you alone, such as help
  rejected  "reason": your message was refused; by "plugin", where it was one
  granted   "plugin", "grants"
  state     "plugin", "state", "reason"
  log       "plugin", "level", "text", "source"
  error     "plugin", "where", "text", "stack"`,
		Example: `  innkeeper run examples/hello
  printf 'hi\n!example\n' | innkeeper run examples/hello
  innkeeper run --json --user ada my-plugin`,
		RunE: func(cmd *cobra.Command, args []string) error { return runChat(cmd, args, f) },
	}
	cmd.Flags().StringVar(&f.data, "data", defaultData, "the data `directory`")
	cmd.Flags().StringVar(&f.user, "user", userName(), "the `name` that you speak as")
	cmd.Flags().StringVar(&f.channel, "channel", "general", "the channel that you speak in")
	cmd.Flags().StringVar(&f.secretKey, "secret-key-file", "", "the key that seals secret settings (default: secret.key in your configuration directory)")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "one JSON object a line on standard output")
	return cmd
}

func userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "user"
}

func runChat(cmd *cobra.Command, paths []string, f runFlags) (err error) {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	screen := newScreen(f.asJSON)
	logger := slog.New(logLines{screen})
	key, err := secretKey(f.secretKey)
	if err != nil {
		return err
	}
	h, err := innkeeper.New(innkeeper.Options{
		App: &terminal{screen: screen}, Dir: f.data, Policy: innkeeper.Policy{GrantDeclared: true},
		SecretKey: key, Logger: logger, Observer: screen,
	})
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	defer func() {
		// A second Ctrl-C ends the program at once.
		stop()
		err = errors.Join(err, h.Close(context.WithoutCancel(ctx)))
	}()

	failed := load(ctx, h, paths)
	if failed != nil {
		screen.failure(failed)
	}
	switch {
	case ctx.Err() != nil:
		return interrupted()
	case active(h) == 0 && failed != nil:
		return &toldError{failed}
	case active(h) == 0:
		return fmt.Errorf("run: %w: name the path of a plugin, or install one with: innkeeper install PATH%s", errNothing, dataFlag(f.data))
	}
	if err := converse(ctx, h, screen, f); err != nil {
		return err
	}
	if failed != nil {
		return &toldError{failed}
	}
	return nil
}

// load runs the paths, or what is installed where there is none.
func load(ctx context.Context, h *innkeeper.Host, paths []string) error {
	if len(paths) == 0 {
		return h.Start(ctx)
	}
	return h.Load(ctx, paths...)
}

func active(h *innkeeper.Host) int {
	n := 0
	for _, p := range h.Plugins() {
		if p.State == innkeeper.StateActive {
			n++
		}
	}
	return n
}

func interrupted() error {
	return &exitError{exitInterrupted, &toldError{errors.New("interrupted")}}
}

// How long a pipe waits for what one message set off, and at the end for all
// that is left: handlers themselves may take 60 s.
const (
	lineWait = 10 * time.Second
	lastWait = 70 * time.Second
)

// converse takes one line after another until the input ends.
func converse(ctx context.Context, h *innkeeper.Host, screen *screen, f runFlags) error {
	typing := term.IsTerminal(int(os.Stdin.Fd()))
	if typing {
		screen.hint(fmt.Sprintf("You are %s in #%s. Type a message; /help lists commands, Ctrl-D ends.", f.user, f.channel))
	}
	lines := readLines(os.Stdin)
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return interrupted()
		case line, ok := <-lines:
			if !ok {
				return settle(ctx, h, lastWait)
			}
			if line.err != nil {
				return fmt.Errorf("read standard input: line %d: %w", n, line.err)
			}
			say(ctx, h, screen, f, line.text)
			if !typing {
				if err := settle(ctx, h, lineWait); err != nil {
					return err
				}
			}
		}
	}
}

// settle waits for what is under way; running out of time is no error.
func settle(ctx context.Context, h *innkeeper.Host, most time.Duration) error {
	waiting, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	if err := h.Settle(waiting); err != nil && ctx.Err() != nil {
		return interrupted()
	}
	return nil
}

func say(ctx context.Context, h *innkeeper.Host, screen *screen, f runFlags, text string) {
	if text == "" {
		return
	}
	receipt, err := h.Receive(ctx, chat.Message{
		Channel: f.channel, Role: chat.RoleUser, Author: chat.Author{ID: f.user, Name: f.user}, Content: text,
	})
	if receipt.Notice != "" {
		screen.notice(receipt.Notice)
	}
	if err != nil {
		screen.rejected(err)
	}
}

// failure prints why plugins did not load, each with what its author needs.
func (s *screen) failure(err error) {
	for _, e := range flatten(err) {
		var build *bundle.BuildError
		var thrown *innkeeper.PluginError
		switch {
		case errors.As(e, &build):
			for _, m := range build.Messages {
				s.problem("", "build", m.String(), "")
			}
		case errors.As(e, &thrown):
			s.problem(thrown.Plugin, thrown.Where, e.Error(), thrown.Stack)
		default:
			s.problem("", "load", e.Error(), "")
		}
	}
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var out []error
	for _, e := range joined.Unwrap() {
		out = append(out, flatten(e)...)
	}
	return out
}
