// Package terminal is a chat server in a terminal or a pipe.
//
// The vocabulary:
//
//   - Chat: the chat.App. It accepts every message, and gives it an id.
//   - Screen: where all that happens is shown. Plain is for people: answers on
//     standard output, all else on standard error. Lines is for scripts: one JSON
//     object a line.
//   - Session: the conversation: each line that is read is a message of the
//     person, until the input ends or the process is told to stop.
//
// It must never load a plugin or know where one comes from. What plugins wrote
// is shown with what could deceive a terminal escaped.
package terminal

import (
	"log/slog"

	"github.com/innkeeper-host/innkeeper"
	"github.com/innkeeper-host/innkeeper/chat"
)

// Screen shows what happens. Its methods may be called from any goroutine.
type Screen interface {
	// Observe is told of all that the host tells.
	innkeeper.Observer
	// Log shows a line of a plugin's log, or of the host's.
	Log(line LogLine)
	// Notice shows the person a text that answers what was typed, such as help.
	Notice(text string)
	// Hint says something about the program itself.
	Hint(text string)
	// Refused says that what the person typed was not accepted.
	Refused(m chat.Message, err error)
	// Failure says that something which was asked for failed.
	Failure(err error)
}

// LogLine is one line of a log.
type LogLine struct {
	Level  slog.Level
	Plugin string // "" for the host
	Source string // "src/index.ts:3", or ""
	Text   string
}
