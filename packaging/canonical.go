package packaging

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"io"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// canonicalWriter writes the outer shape of a package in canonical JSON (RFC
// 8785) as a stream. A general canonicaliser would hold a tree of 20 MiB of
// text; here only manifest and signature go through one. Its parts must be
// written in this order, which is that of their sorted keys: head, integrity,
// tail, signature, end.
type canonicalWriter struct{ w *bufio.Writer }

func newCanonicalWriter(w io.Writer) canonicalWriter {
	return canonicalWriter{bufio.NewWriterSize(w, 8<<10)}
}

// flush gives the first error of any write before it.
func (c canonicalWriter) flush() error { return c.w.Flush() }

func (c canonicalWriter) raw(b []byte) { c.w.Write(b) }

func (c canonicalWriter) head(files map[string][]byte) {
	c.w.WriteString(`{"files":{`)
	for i, path := range sortedPaths(files) {
		if i > 0 {
			c.w.WriteByte(',')
		}
		writeString(c.w, []byte(path))
		c.w.WriteByte(':')
		c.file(files[path])
	}
	c.w.WriteString(`},"format":1`)
}

func (c canonicalWriter) file(content []byte) {
	if isText(content) {
		writeString(c.w, content)
		return
	}
	c.w.WriteString(`{"base64":"`)
	encoder := base64.NewEncoder(base64.StdEncoding, c.w)
	encoder.Write(content)
	encoder.Close()
	c.w.WriteString(`"}`)
}

func (c canonicalWriter) integrity(value string) {
	c.w.WriteString(`,"integrity":`)
	writeString(c.w, []byte(value))
}

func (c canonicalWriter) tail(manifest []byte) {
	c.w.WriteString(`,"manifest":`)
	c.w.Write(manifest)
}

func (c canonicalWriter) signature(canonical []byte) {
	if canonical != nil {
		c.w.WriteString(`,"signature":`)
		c.w.Write(canonical)
	}
}

func (c canonicalWriter) end() { c.w.WriteByte('}') }

// isText decides in which of the two forms a file is written, so that there is
// only one for each content: text is UTF-8 without control characters, but for
// those that JSON has a short escape for. That keeps a file below twice its
// size.
func isText(content []byte) bool {
	for _, b := range content {
		if b < 0x20 && escapes[b] == "" {
			return false
		}
	}
	return utf8.Valid(content)
}

// escapes are the short escapes of JSON.
var escapes = [utf8.RuneSelf]string{
	'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`,
}

// writeString writes valid UTF-8 as a canonical JSON string.
func writeString(w *bufio.Writer, s []byte) {
	w.WriteByte('"')
	from := 0
	for i, b := range s {
		if b >= 0x20 && b != '"' && b != '\\' {
			continue
		}
		w.Write(s[from:i])
		from = i + 1
		if escapes[b] != "" {
			w.WriteString(escapes[b])
			continue
		}
		const hex = "0123456789abcdef"
		w.WriteString(`\u00`)
		w.WriteByte(hex[b>>4])
		w.WriteByte(hex[b&15])
	}
	w.Write(s[from:])
	w.WriteByte('"')
}

// sortedPaths gives the keys in the order of RFC 8785: by UTF-16 units.
func sortedPaths(files map[string][]byte) []string {
	paths := make([]string, 0, len(files))
	for path := range files {
		paths = append(paths, path)
	}
	slices.SortFunc(paths, compareUTF16)
	return paths
}

// compareUTF16 differs from comparing bytes only where a character beyond
// U+FFFF, whose first unit is D800 to DBFF, meets one from U+E000 on.
func compareUTF16(a, b string) int {
	for len(a) > 0 && len(b) > 0 {
		ra, na := utf8.DecodeRuneInString(a)
		rb, nb := utf8.DecodeRuneInString(b)
		if ra != rb {
			if ua, ub := firstUnit(ra), firstUnit(rb); ua != ub {
				return cmp.Compare(ua, ub)
			}
			return cmp.Compare(ra, rb)
		}
		a, b = a[na:], b[nb:]
	}
	return cmp.Compare(len(a), len(b))
}

func firstUnit(r rune) rune {
	if r < 0x10000 {
		return r
	}
	high, _ := utf16.EncodeRune(r)
	return high
}

// canonicalSignature is the signature member in canonical JSON, nil for none.
func (p *Package) canonicalSignature() ([]byte, error) {
	if !p.Signed() {
		return nil, nil
	}
	value := jsontext.Value(slices.Clone([]byte(p.Signature)))
	if value.Kind() != '{' || !json.Valid(value) {
		return nil, wrongType("signature", "", "something else", "an object")
	}
	if err := value.Canonicalize(); err != nil {
		return nil, &PackageError{Rule: RuleJSON, Where: "signature", Detail: describeJSONError(p.Signature, err), Err: err}
	}
	return value, nil
}
