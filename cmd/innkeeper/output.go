package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/fatih/color"
	"golang.org/x/term"

	"github.com/innkeeper-host/innkeeper/internal/visible"
)

// shown is text of strangers as it may be printed.
func shown(text string) string { return visible.Text(text) }

// ink colours text where the file is a terminal and NO_COLOR is not set.
type ink struct{ on bool }

func newInk(f *os.File) ink {
	return ink{term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func (i ink) paint(text string, attributes ...color.Attribute) string {
	if !i.on {
		return text
	}
	c := color.New(attributes...)
	c.EnableColor()
	return c.Sprint(text)
}

func (i ink) bad(text string) string  { return i.paint(text, color.FgRed, color.Bold) }
func (i ink) warn(text string) string { return i.paint(text, color.FgYellow) }
func (i ink) dim(text string) string  { return i.paint(text, color.Faint) }
func (i ink) name(text string) string { return i.paint(text, color.FgCyan) }
func (i ink) head(text string) string { return i.paint(text, color.Bold) }

// printJSON writes one value as one line.
func printJSON(out io.Writer, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", text)
	return err
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
}
