package problem

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/innkeeper-host/innkeeper/internal/visible"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

// place is where a member of a JSON text stands, in bytes from 0.
type place struct{ key, value int }

// places are those of a manifest, by field as packaging names it
// ("permissions[0].actions[1]"); "" is the whole.
type places struct {
	file   string
	data   []byte
	fields map[string]place
}

// manifestPlaces reads the manifest of a folder. Where there is none to read, as
// in a package file, problems have no line.
func manifestPlaces(path string) places {
	if !isFolder(path) {
		return places{file: visible.Line(path)}
	}
	file := filepath.Join(path, "manifest.json")
	p := places{file: visible.Line(file)}
	data, err := os.ReadFile(file)
	if err != nil || len(data) > maxManifest {
		return p
	}
	p.data, p.fields = data, locate(data)
	return p
}

// maxManifest is more than packaging reads of one.
const maxManifest = 1 << 20

// message is a message at the field, or at what of its way there is: a member that
// is missing is shown at the object that lacks it.
func (p places) message(field string, key bool) bundle.Message {
	m := bundle.Message{File: p.file}
	if p.fields == nil {
		return m
	}
	at, ok := p.fields[field]
	for !ok && field != "" {
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
		at, ok = p.fields[field]
	}
	offset := at.value
	if key {
		offset = at.key
	}
	m.Line, m.Column, m.LineText, m.Mark = frame(p.data, offset)
	return m
}

// locate finds every member of a JSON text. Where the text breaks off or is
// wrong, "" is the place of that.
func locate(data []byte) map[string]place {
	start := len(data) - len(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	w := &walk{dec: jsontext.NewDecoder(bytes.NewBuffer(data[start:])), start: start, data: data, fields: map[string]place{}}
	err := w.value("", w.next(), 0)
	if err == nil {
		if _, err = w.dec.ReadToken(); err != nil && !isSyntax(err) {
			err = nil // the end
		}
	}
	if err != nil {
		at := len(data)
		if broken := (*jsontext.SyntacticError)(nil); errors.As(err, &broken) {
			at = min(max(start+int(broken.ByteOffset), 0), len(data))
		}
		w.fields[""] = place{at, at}
	}
	return w.fields
}

func isSyntax(err error) bool {
	var broken *jsontext.SyntacticError
	return errors.As(err, &broken)
}

type walk struct {
	dec    *jsontext.Decoder
	start  int // bytes of data before what dec reads
	data   []byte
	fields map[string]place
}

// maxDepth bounds the recursion; packaging refuses a manifest long before.
const maxDepth = 64

var errDepth = errors.New("nests too deep")

// next is where the next token begins.
func (w *walk) next() int {
	at := w.start + int(w.dec.InputOffset())
	for at < len(w.data) && strings.IndexByte(" \t\r\n:,", w.data[at]) >= 0 {
		at++
	}
	return at
}

// value reads one value, named field, whose key stands at key.
func (w *walk) value(field string, key, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	w.fields[field] = place{key, w.next()}
	switch w.dec.PeekKind() {
	case '{':
		return w.members(field, depth)
	case '[':
		return w.items(field, depth)
	}
	_, err := w.dec.ReadToken()
	return err
}

func (w *walk) members(field string, depth int) error {
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	prefix := field
	if prefix != "" {
		prefix += "."
	}
	for w.dec.PeekKind() != '}' {
		key := w.next()
		name, err := w.dec.ReadToken()
		if err != nil {
			return err
		}
		if err := w.value(prefix+name.String(), key, depth+1); err != nil {
			return err
		}
	}
	_, err := w.dec.ReadToken()
	return err
}

func (w *walk) items(field string, depth int) error {
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	for i := 0; w.dec.PeekKind() != ']'; i++ {
		if err := w.value(fmt.Sprintf("%s[%d]", field, i), w.next(), depth+1); err != nil {
			return err
		}
	}
	_, err := w.dec.ReadToken()
	return err
}

// lineBytes is how much of a line is shown.
const lineBytes = 160

// frame gives line and column (from 1, in bytes) of an offset, what of the line is
// shown, and where in that the offset lies.
func frame(data []byte, offset int) (line, column int, text string, mark int) {
	offset = min(max(offset, 0), len(data))
	from := bytes.LastIndexByte(data[:offset], '\n') + 1
	line, column = 1+bytes.Count(data[:offset], []byte{'\n'}), offset-from+1
	to := len(data)
	if i := bytes.IndexByte(data[offset:], '\n'); i >= 0 {
		to = offset + i
	}
	from = max(from, offset-lineBytes/2)
	to = min(to, from+lineBytes)
	for from < offset && !utf8.RuneStart(data[from]) {
		from++
	}
	show := func(b []byte) string {
		return visible.Line(strings.ReplaceAll(strings.TrimRight(string(b), "\r"), "\t", " "))
	}
	before := show(data[from:offset])
	return line, column, before + show(data[offset:max(offset, to)]), len(before)
}
