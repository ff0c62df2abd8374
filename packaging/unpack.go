package packaging

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Unpack reads a package. Of format 1 only the canonical bytes are accepted,
// and their integrity must hold; the seed's bare {manifest, files} is accepted
// in any form. Every refusal is a *PackageError that names the offender; a
// signature is kept and not verified. The package shares no memory with data.
func Unpack(data []byte, l Limits) (*Package, error) {
	l = l.withDefaults()
	if most := l.EncodedBytes(); int64(len(data)) > most {
		return nil, &PackageError{Rule: RuleSize, Detail: fmt.Sprintf("%d bytes, of at most %d", len(data), most)}
	}
	u := &unpacker{dec: newDecoder(data), data: data, limits: l}
	if err := u.members(); err != nil {
		return nil, u.explain(err)
	}
	return u.finish()
}

// unpacker reads the members of a package in whatever order they come.
type unpacker struct {
	dec    *jsontext.Decoder
	data   []byte
	limits Limits

	format    []byte // raw; nil where there is none
	manifest  []byte // raw; nil where there is none, or null, false, 0 or ""
	files     map[string][]byte
	integrity *string
	signature []byte
	unknown   string // the first member that the format does not have
}

// explain turns an error of the decoder into a refusal.
func (u *unpacker) explain(err error) error {
	switch err := err.(type) {
	case *PackageError:
		return err
	default:
		if err == errDepth {
			return &PackageError{Rule: RuleDepth, Detail: fmt.Sprintf("the JSON nests more than %d deep", u.limits.Depth)}
		}
		return &PackageError{Rule: RuleJSON, Detail: describeJSONError(u.data, err), Err: err}
	}
}

func (u *unpacker) members() error {
	if kind := u.dec.PeekKind(); kind != '{' && kind != 0 {
		return wrongType("", "", nameOfKind(kind), "an object with manifest and files")
	}
	if _, err := u.dec.ReadToken(); err != nil {
		return err
	}
	for u.dec.PeekKind() != '}' {
		token, err := u.dec.ReadToken()
		if err != nil {
			return err
		}
		if err := u.member(token.String()); err != nil {
			return err
		}
	}
	if _, err := u.dec.ReadToken(); err != nil {
		return err
	}
	return endOfJSON(u.dec)
}

func (u *unpacker) member(name string) (err error) {
	switch name {
	case "format":
		u.format, err = u.raw()
	case "manifest":
		u.manifest, err = u.object(name)
	case "files":
		return u.readFiles()
	case "signature":
		u.signature, err = u.object(name)
		if err == nil && u.signature == nil {
			err = wrongType(name, "", "nothing", "an object")
		}
		if err == nil && len(u.signature) > maxManifestBytes {
			err = &PackageError{Rule: RuleSize, Where: name, Detail: fmt.Sprintf("%d bytes, of at most %d", len(u.signature), maxManifestBytes)}
		}
	case "integrity":
		if kind := u.dec.PeekKind(); kind != '"' && kind != 0 {
			return wrongType(name, "", nameOfKind(kind), "a text")
		}
		token, err := u.dec.ReadToken()
		if err != nil {
			return err
		}
		value := token.String()
		u.integrity = &value
	default:
		if u.unknown == "" {
			u.unknown = name
		}
		_, err = u.raw()
	}
	return err
}

func (u *unpacker) raw() ([]byte, error) { return readRaw(u.dec, u.data, u.limits.Depth) }

// object reads a member that must be an object; nil is one of the values that
// the seed counts as missing.
func (u *unpacker) object(name string) ([]byte, error) {
	kind := u.dec.PeekKind()
	raw, err := u.raw()
	switch {
	case err != nil:
		return nil, err
	case kind == '{':
		return raw, nil
	case isFalsy(raw):
		return nil, nil
	}
	return nil, wrongType(name, "", nameOfKind(kind), "an object")
}

func isFalsy(raw []byte) bool {
	switch string(raw) {
	case "null", "false", "0", `""`:
		return true
	}
	return false
}

// finish checks what can only be checked when all members are there.
func (u *unpacker) finish() (*Package, error) {
	if err := u.checkFormat(); err != nil {
		return nil, err
	}
	if u.manifest == nil {
		return nil, missingMember("manifest")
	}
	if u.files == nil {
		return nil, missingMember("files")
	}
	manifest, _, err := ParseManifest(u.manifest)
	if err != nil {
		return nil, wrongManifest(err)
	}
	if err := checkEntry(manifest, u.files); err != nil {
		return nil, err
	}
	p := &Package{Manifest: manifest, Files: u.files}
	if u.format == nil {
		return p, nil
	}
	p.Integrity, p.Signature = *u.integrity, bytes.Clone(u.signature)
	if err := u.checkBytes(p); err != nil {
		return nil, err
	}
	return p, nil
}

// checkFormat refuses a format that is not known, and a bare package that has
// what only a format gives a meaning.
func (u *unpacker) checkFormat() error {
	if u.format == nil {
		if u.integrity != nil || u.signature != nil {
			return &PackageError{Rule: RuleFormat, Where: "format", Detail: "missing, though the package has an integrity or a signature"}
		}
		return nil // further members of a bare package mean nothing
	}
	if string(u.format) != "1" {
		return &PackageError{Rule: RuleFormat, Where: "format", Detail: "found " + printable(string(u.format)) + ", wanted 1: a newer innkeeper may read it"}
	}
	if u.unknown != "" {
		return &PackageError{Rule: RuleMember, Detail: "the format has no member " + clip(u.unknown)}
	}
	if u.integrity == nil && u.manifest != nil && u.files != nil {
		return &PackageError{Rule: RuleIntegrity, Where: "integrity", Detail: "missing: pack the plugin again"}
	}
	return nil
}

// checkBytes writes the package again and compares on the way: the bytes must
// be the canonical ones, and their hash what integrity says.
func (u *unpacker) checkBytes(p *Package) error {
	manifest, err := p.Manifest.MarshalJSON()
	if err != nil {
		return wrongManifest(err)
	}
	signature, err := p.canonicalSignature()
	if err != nil {
		return err
	}
	h, same := sha256.New(), &comparer{want: u.data}
	covered, whole := newCanonicalWriter(io.MultiWriter(h, same)), newCanonicalWriter(same)
	parts := []func() error{
		func() error { covered.head(p.Files); return covered.flush() },
		func() error { whole.integrity(p.Integrity); return whole.flush() },
		func() error { covered.tail(manifest); return covered.flush() },
		func() error { whole.signature(signature); return whole.flush() },
		func() error { covered.end(); return covered.flush() },
		func() error { whole.raw([]byte("\n")); return whole.flush() },
	}
	for _, part := range parts {
		if err = part(); err != nil {
			break
		}
	}
	if err != nil || same.at != len(u.data) {
		return &PackageError{Rule: RuleCanonical, Detail: fmt.Sprintf("the bytes are not the canonical form (RFC 8785 and one newline), first at byte %d: pack the plugin again", same.at)}
	}
	if is := integrityOf(h.Sum(nil)); is != p.Integrity {
		return &PackageError{Rule: RuleIntegrity, Where: "integrity", Detail: "found " + clip(p.Integrity) + ", and the content gives " + clip(is) + ": the package was changed after it was packed"}
	}
	return nil
}

// comparer is a writer that fails at the first byte that differs from want.
type comparer struct {
	want []byte
	at   int
}

func (c *comparer) Write(b []byte) (int, error) {
	rest := c.want[c.at:]
	if bytes.HasPrefix(rest, b) {
		c.at += len(b)
		return len(b), nil
	}
	for i := range b {
		if i == len(rest) || rest[i] != b[i] {
			c.at += i
			return i, io.ErrShortWrite
		}
	}
	return len(b), nil
}

func nameOfKind(kind jsontext.Kind) string {
	switch kind {
	case 'n':
		return "null"
	case 't', 'f':
		return "true or false"
	case '"':
		return "a text"
	case '0':
		return "a number"
	case '[':
		return "an array"
	}
	return "an object"
}
