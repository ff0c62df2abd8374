package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"os/user"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/terminal"
	"github.com/innkeeper-host/innkeeper/internal/visible"
)

type runFlags struct {
	hostFlags
	user, channel, keyFile string
	wait                   time.Duration
	json, debug            bool
}

func newRun() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run [PATH…]",
		Short: "Chat with plugins in the terminal",
		Long: `Run starts the plugins at the paths for as long as it runs, and grants each what
its manifest declares. Without a path it starts what was installed in the data
directory (see "innkeeper install").

Each line of standard input is a message of yours, and a line that begins with / a
command; /help lists them. Answers of plugins are on standard output, each with its
author before it; all else is on standard error: what plugins may do, their logs,
errors.

In a terminal, end with Ctrl-D or Ctrl-C. In a pipe, each line waits until the
plugins are done with the one before, and the end of the input ends the chat.

Exit codes: 0 at the end of the input; 1 where a plugin that was to run could not be
started (the others run on), where none is left, or where the host could not be; 2
wrong usage; 130 after Ctrl-C, 143 after a request to terminate. Either of these lets
plugins end properly; a second one ends at once.

With --json, all that happens is on standard output. ` + terminal.LinesHelp,
		Example: `  innkeeper run examples/hello
  printf 'hi\n!example\n' | innkeeper run examples/hello
  innkeeper run --user ada --channel random examples/polls examples/poll-announcer
  echo '!example' | innkeeper run --json examples/hello | jq -r 'select(.type=="message" and .plugin).message.content'`,
		RunE: func(c *cobra.Command, paths []string) error { return f.run(c, paths) },
	}
	f.add(c)
	c.Flags().StringVar(&f.user, "user", "", `your name in the chat (default: that of your account, or "user")`)
	c.Flags().StringVar(&f.channel, "channel", "general", "the channel that you write in")
	c.Flags().StringVar(&f.keyFile, "secret-key-file", "", "the key that seals secret settings; made where it is not there (default: innkeeper/secret.key in your folder for configuration)")
	c.Flags().DurationVar(&f.wait, "wait", time.Minute, "how long to wait for plugins that are at work after a line of a pipe, and at the end; 0 for ever")
	c.Flags().BoolVar(&f.json, "json", false, "write one JSON object a line to standard output")
	c.Flags().BoolVar(&f.debug, "debug", false, "show debug lines of logs too")
	return c
}

func (f *runFlags) check() error {
	switch {
	case strings.TrimSpace(f.channel) == "":
		return usageError{errors.New("--channel is empty, wanted the name of a channel")}
	case f.wait < 0:
		return usageError{fmt.Errorf("--wait is %s, wanted a time such as 30s", f.wait)}
	}
	if f.user == "" {
		f.user = accountName()
	}
	return nil
}

func accountName() string {
	if u, err := user.Current(); err == nil {
		// Windows gives DOMAIN\name.
		if name := u.Username[strings.LastIndexByte(u.Username, '\\')+1:]; name != "" {
			return name
		}
	}
	return "user"
}

func (f *runFlags) run(c *cobra.Command, paths []string) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	var screen terminal.Screen = terminal.NewPlain(c.OutOrStdout(), c.ErrOrStderr(), f.channel)
	if f.json {
		screen = terminal.NewLines(c.OutOrStdout())
	}
	ctx, stop := untilSignal(screen)
	defer stop()

	host, err := f.open(screen)
	if err != nil {
		if f.json {
			screen.Failure(err)
		}
		return err
	}
	defer func() {
		// Each plugin has its own limit for destroy; this one is for the rest.
		closing, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if closeErr := host.Close(closing); closeErr != nil {
			screen.Failure(fmt.Errorf("close: %w", closeErr))
			err = cmp.Or(err, error(exitCode(exitFailed)))
		}
	}()
	started := start(ctx, host, paths)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if started != nil {
		screen.Failure(started)
	}
	warn(host, screen)
	if active := running(host); len(active) == 0 {
		if started == nil {
			err := fmt.Errorf("run: no plugin is installed in %s; try one with innkeeper run PATH, or keep one with innkeeper install PATH", f.data)
			if f.json {
				screen.Failure(err)
			}
			return err
		}
		return exitCode(exitFailed)
	}
	interactive := terminal.IsTerminal(c.InOrStdin())
	if interactive {
		screen.Hint("Running: " + strings.Join(running(host), ", ") + ". Type a message, or /help; Ctrl-D ends.")
	}
	s := terminal.Session{
		Host: host, Screen: screen, In: c.InOrStdin(), User: f.user, Channel: f.channel, Patient: !interactive, Wait: f.wait,
	}
	if err := s.Run(ctx); err != nil {
		return err
	}
	if started != nil {
		return exitCode(exitFailed)
	}
	return nil
}

func (f *runFlags) open(screen terminal.Screen) (*innkeeper.Host, error) {
	key, why, err := f.secretKey(f.keyFile)
	if err != nil {
		return nil, err
	}
	if why != nil {
		screen.Hint("plugins with secret settings are refused, for there is no key to seal them: " + why.Error())
	}
	level := slog.LevelInfo
	if f.debug {
		level = slog.LevelDebug
	}
	return innkeeper.New(f.options(innkeeper.Options{
		App: terminal.NewChat(version()), SecretKey: key, Logger: terminal.NewLogger(screen, level), Observer: screen,
	}))
}

// start runs what was named, or what is installed.
func start(ctx context.Context, host *innkeeper.Host, paths []string) error {
	if len(paths) > 0 {
		return host.Load(ctx, paths...)
	}
	return host.Start(ctx)
}

// warn says what is odd about the plugins, such as a misspelt field.
func warn(host *innkeeper.Host, screen terminal.Screen) {
	for _, p := range host.Plugins() {
		for _, w := range p.Warnings {
			screen.Log(terminal.LogLine{Level: slog.LevelWarn, Plugin: p.Name, Text: w.String()})
		}
	}
}

// running names the plugins that are active.
func running(host *innkeeper.Host) []string {
	var names []string
	for _, p := range host.Plugins() {
		if p.State == innkeeper.StateActive {
			names = append(names, visible.Line(p.Name))
		}
	}
	return names
}

// stopped says that a signal asked the process to end.
type stopped struct{ code exitCode }

func (e *stopped) Error() string { return "innkeeper was told to stop" }
func (e *stopped) Unwrap() error { return e.code }

// untilSignal is a context that ends with the first request to stop; its cause is
// a *stopped with the exit code. The second request ends the process there and then.
func untilSignal(screen terminal.Screen) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for first := true; ; first = false {
			caught := <-signals
			code := 130
			if caught == syscall.SIGTERM {
				code = 143
			}
			if !first {
				os.Exit(code)
			}
			cancel(&stopped{exitCode(code)})
			screen.Hint("Stopping; once more to end at once.")
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}
