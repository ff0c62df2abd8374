package packaging

import (
	"bytes"
	"encoding/base64"

	"github.com/go-json-experiment/json/jsontext"
)

// readFiles reads the member files, and stops at the first limit it passes.
func (u *unpacker) readFiles() error {
	if kind := u.dec.PeekKind(); kind != '{' {
		raw, err := u.raw()
		if err == nil && !isFalsy(raw) {
			err = wrongType("files", "", nameOfKind(kind), "an object")
		}
		return err
	}
	if _, err := u.dec.ReadToken(); err != nil {
		return err
	}
	u.files = map[string][]byte{}
	paths, total := newPathSet(), int64(0)
	for u.dec.PeekKind() != '}' {
		token, err := u.dec.ReadToken()
		if err != nil {
			return err
		}
		if len(u.files) == u.limits.Files {
			return tooManyFiles(u.limits)
		}
		path := token.String()
		if err := paths.add(path); err != nil {
			return err
		}
		content, err := u.file(path)
		if err != nil {
			return err
		}
		total += int64(len(content))
		if total > u.limits.TotalBytes {
			return allTooLarge(path, u.limits)
		}
		u.files[path] = content
	}
	_, err := u.dec.ReadToken()
	return err
}

// file reads a text, or {"base64": text}.
func (u *unpacker) file(path string) ([]byte, error) {
	switch kind := u.dec.PeekKind(); kind {
	case '"':
		return u.text(path)
	case '{':
		if _, err := u.dec.ReadToken(); err != nil {
			return nil, err
		}
		return u.binary(path)
	case 0:
		_, err := u.dec.ReadToken()
		return nil, err
	default:
		return nil, wrongType("files", path, nameOfKind(kind), `a text or {"base64": a text}`)
	}
}

// text decodes the text that comes next. What is surely too large is refused
// undecoded: a byte takes at most six of JSON (\u0001).
func (u *unpacker) text(path string) ([]byte, error) {
	quoted, err := u.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	if least := int64(len(quoted)-2) / 6; least > u.limits.FileBytes {
		return nil, fileTooLarge(path, least, u.limits)
	}
	content, err := jsontext.AppendUnquote(make([]byte, 0, len(quoted)-2), quoted)
	if err != nil {
		return nil, err
	}
	if size := int64(len(content)); size > u.limits.FileBytes {
		return nil, fileTooLarge(path, size, u.limits)
	}
	if cap(content) > len(content)+len(content)/4 {
		content = bytes.Clone(content) // mostly escapes: do not hold what they took
	}
	return content, nil
}

func (u *unpacker) binary(path string) ([]byte, error) {
	const wanted = `{"base64": a text}`
	token, err := u.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	if token.Kind() != '"' || token.String() != "base64" {
		return nil, wrongType("files", path, "another object", wanted)
	}
	if kind := u.dec.PeekKind(); kind != '"' && kind != 0 {
		return nil, wrongType("files", path, nameOfKind(kind)+" as its base64", wanted)
	}
	quoted, err := u.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	letters := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(letters, '\\') >= 0 { // some writers escape "/"
		if letters, err = jsontext.AppendUnquote(nil, quoted); err != nil {
			return nil, err
		}
	}
	if size := int64(base64.StdEncoding.DecodedLen(len(letters))) - 2; size > u.limits.FileBytes {
		return nil, fileTooLarge(path, size, u.limits)
	}
	content := make([]byte, base64.StdEncoding.DecodedLen(len(letters)))
	n, err := base64.StdEncoding.Strict().Decode(content, letters)
	if err != nil || base64.StdEncoding.EncodedLen(n) != len(letters) {
		return nil, &PackageError{Rule: RuleBase64, Where: "files", Path: path, Detail: "not base64 in its standard, padded form", Err: err}
	}
	if int64(n) > u.limits.FileBytes { // DecodedLen counts the padding
		return nil, fileTooLarge(path, int64(n), u.limits)
	}
	if token, err := u.dec.ReadToken(); err != nil {
		return nil, err
	} else if token.Kind() != '}' {
		return nil, wrongType("files", path, "an object with more than base64", wanted)
	}
	return content[:n], nil
}
