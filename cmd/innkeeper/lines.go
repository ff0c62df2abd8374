package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// maxLine bounds one line of input, in bytes.
const maxLine = 1 << 20

// inputLine is one line, or why there are no more.
type inputLine struct {
	text string
	err  error
}

// readLines reads lines on a goroutine that ends with the input: a read from a
// terminal cannot be interrupted, and the process does not wait for it.
func readLines(in io.Reader) <-chan inputLine {
	lines := make(chan inputLine)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(in)
		scanner.Buffer(make([]byte, 0, 4096), maxLine)
		for scanner.Scan() {
			lines <- inputLine{text: strings.TrimRight(scanner.Text(), "\r")}
		}
		if err := scanner.Err(); err != nil {
			if err == bufio.ErrTooLong {
				err = fmt.Errorf("a message has at most %d bytes", maxLine)
			}
			lines <- inputLine{err: err}
		}
	}()
	return lines
}
