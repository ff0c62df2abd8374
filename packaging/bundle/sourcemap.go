package bundle

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-sourcemap/sourcemap"

	"github.com/innkeeper-host/innkeeper/internal/visible"
	"github.com/innkeeper-host/innkeeper/jsruntime/syntax"
)

// hostSource is how the source map names a module that the host provides; no
// path of a package can look like it.
const hostSource = "innkeeper:"

// A rawMap is a source map as far as it is changed here.
type rawMap struct {
	Version  int      `json:"version"`
	Sources  []string `json:"sources"`
	Names    []string `json:"names"`
	Mappings string   `json:"mappings"`
}

// plainSources gives a source map whose sources are the package's paths.
func plainSources(data []byte) ([]byte, error) {
	var m rawMap
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("build the plugin: read esbuild's source map: %w", err)
	}
	for i, s := range m.Sources {
		switch {
		case strings.HasPrefix(s, packageNamespace+":/"):
			m.Sources[i] = strings.TrimPrefix(s, packageNamespace+":/")
		case strings.HasPrefix(s, hostNamespace+":"):
			m.Sources[i] = hostSource + strings.TrimPrefix(s, hostNamespace+":")
		default:
			m.Sources[i] = hostSource + "other"
		}
	}
	return json.Marshal(m)
}

// placed turns what is wrong with the script into messages about the plugin's
// own lines.
func placed(findings []syntax.Finding, sourceMap []byte, t tree) (wrong, warnings []Message) {
	if len(findings) == 0 {
		return nil, nil
	}
	origin := mapper(sourceMap)
	for _, f := range findings {
		m := Message{Text: visible.Clip(f.Text, maxText)}
		if f.Hint != "" {
			m.Notes = append(m.Notes, f.Hint)
		}
		file, line, column, ok := origin(f.Line, f.Column)
		if ok && !strings.HasPrefix(file, hostSource) {
			text, at := lineOf(t, "/"+file, line, column)
			m.at(file, line, at, text)
		}
		// A package from npm may hold an expression that this plugin never
		// reaches; a wrong answer is another matter.
		if f.Effect == syntax.Throws && inNodeModules("/"+file) {
			m.Notes = append(m.Notes, "an error is thrown if the plugin gets there")
			warnings = append(warnings, m)
			continue
		}
		wrong = append(wrong, m)
	}
	return wrong, warnings
}

// mapper gives a function from a place in the script (line from 1, column from
// 0) to one in the package. The reader of maps panics on broken ones.
func mapper(sourceMap []byte) func(line, column int) (file string, toLine, toColumn int, ok bool) {
	var c *sourcemap.Consumer
	func() {
		defer func() { _ = recover() }()
		c, _ = sourcemap.Parse("", sourceMap)
	}()
	return func(line, column int) (file string, toLine, toColumn int, ok bool) {
		if c == nil {
			return "", 0, 0, false
		}
		defer func() {
			if recover() != nil {
				ok = false
			}
		}()
		file, _, toLine, toColumn, ok = c.Source(line, column)
		return file, toLine, toColumn, ok
	}
}

// lineOf is a line of a file, and where in it, in bytes, the column (in UTF-16
// code units) lies.
func lineOf(t tree, p string, line, column int) (text string, at int) {
	if !t.isFile(p) {
		return "", column
	}
	data, err := t.read(p)
	if err != nil {
		return "", column
	}
	rest := string(data)
	for range line - 1 {
		_, after, ok := strings.Cut(rest, "\n")
		if !ok {
			return "", column
		}
		rest = after
	}
	text, _, _ = strings.Cut(rest, "\n")
	for i, r := range text {
		if column <= 0 {
			return text, i
		}
		column--
		if r > 0xFFFF {
			column--
		}
	}
	return text, len(text)
}
