package packaging

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// Package is a plugin as one value: its manifest and its files.
type Package struct {
	Manifest  *Manifest
	Files     map[string][]byte // by clean, relative, slash-separated path
	Integrity string            // "sha256-…" as it was read; empty for the seed's bare form
	Signature json.RawMessage   // as it was read, not verified; empty where there is none
}

// Signed reports whether the package carries a signature. Nobody has verified
// it by that.
func (p *Package) Signed() bool { return len(p.Signature) > 0 }

// Digest is the SHA-256 of the package's content in hex: the same hash that
// integrity holds in base64, computed anew. It is the same for every form that
// the same content was read from, signed or not, and changes with any change of
// manifest or files; caches use it as their key. It panics on a manifest that
// cannot be written, which no manifest that was read is.
func (p *Package) Digest() string {
	sum, err := p.sum()
	if err != nil {
		panic(fmt.Sprintf("packaging: digest: %v", err))
	}
	return hex.EncodeToString(sum[:])
}

// sum is the hash over the canonical form without integrity and signature.
func (p *Package) sum() (out [sha256.Size]byte, err error) {
	manifest, err := p.Manifest.MarshalJSON()
	if err != nil {
		return out, err
	}
	h := sha256.New()
	w := newCanonicalWriter(h)
	w.head(p.Files)
	w.tail(manifest)
	w.end()
	if err := w.flush(); err != nil {
		return out, err
	}
	h.Sum(out[:0])
	return out, nil
}

// integrityPrefix names the hash in an integrity value.
const integrityPrefix = "sha256-"

func integrityOf(sum []byte) string {
	return integrityPrefix + base64.StdEncoding.EncodeToString(sum)
}

// Encode writes the package in its only form: format 1 in canonical JSON and a
// final newline, with integrity computed and the signature as it stands. The
// same content gives the same bytes. It refuses, with a *PackageError, what
// Unpack refuses in every case; only limits are not looked at (see Check).
func (p *Package) Encode() ([]byte, error) {
	if err := p.checkContent(); err != nil {
		return nil, err
	}
	manifest, err := p.Manifest.MarshalJSON()
	if err != nil {
		return nil, err
	}
	signature, err := p.canonicalSignature()
	if err != nil {
		return nil, err
	}
	// The integrity stands between the parts that it covers, so those that
	// follow it are written apart and the whole put together once.
	var head, tail bytes.Buffer
	w := newCanonicalWriter(&head)
	w.head(p.Files)
	if err := w.flush(); err != nil {
		return nil, err
	}
	w = newCanonicalWriter(&tail)
	w.tail(manifest)
	if err := w.flush(); err != nil {
		return nil, err
	}
	h := sha256.New()
	h.Write(head.Bytes())
	h.Write(tail.Bytes())
	h.Write([]byte("}"))

	w = newCanonicalWriter(&head)
	w.integrity(integrityOf(h.Sum(nil)))
	w.raw(tail.Bytes())
	w.signature(signature)
	w.end()
	w.raw([]byte("\n"))
	if err := w.flush(); err != nil {
		return nil, err
	}
	return head.Bytes(), nil
}

// Check refuses, with a *PackageError, a package that is outside of the limits
// or that Unpack would refuse for what it holds.
func (p *Package) Check(l Limits) error {
	l = l.withDefaults()
	if err := p.checkContent(); err != nil {
		return err
	}
	if len(p.Files) > l.Files {
		return tooManyFiles(l)
	}
	var total int64
	for _, path := range sortedPaths(p.Files) {
		size := int64(len(p.Files[path]))
		total += size
		if size > l.FileBytes {
			return fileTooLarge(path, size, l)
		}
		if total > l.TotalBytes {
			return allTooLarge(path, l)
		}
	}
	return nil
}

// checkContent is all that does not depend on limits.
func (p *Package) checkContent() error {
	if p.Manifest == nil {
		return missingMember("manifest")
	}
	if p.Files == nil {
		return missingMember("files")
	}
	raw, err := p.Manifest.MarshalJSON()
	if err != nil {
		return wrongManifest(err)
	}
	if _, _, err := ParseManifest(raw); err != nil {
		return wrongManifest(err)
	}
	paths := newPathSet()
	for _, path := range sortedPaths(p.Files) {
		if err := paths.add(path); err != nil {
			return err
		}
	}
	return checkEntry(p.Manifest, p.Files)
}

func checkEntry(m *Manifest, files map[string][]byte) error {
	if _, ok := files[m.Main]; ok {
		return nil
	}
	detail := "the entry is not among the files"
	if near := nearest(m.Main, sortedPaths(files)); near != "" {
		detail += "; is it " + clip(near) + "?"
	} else {
		detail += ": name it in manifest.main"
	}
	return &PackageError{Rule: RuleEntry, Where: "files", Path: m.Main, Detail: detail}
}

func wrongManifest(err error) error {
	detail := strings.TrimLeft(strings.TrimPrefix(err.Error(), "Invalid manifest"), ":, ")
	return &PackageError{Rule: RuleManifest, Where: "manifest", Detail: detail, Err: err}
}

func tooManyFiles(l Limits) error {
	return &PackageError{Rule: RuleSize, Where: "files", Detail: fmt.Sprintf("more than %d files", l.Files)}
}

func fileTooLarge(path string, size int64, l Limits) error {
	return &PackageError{Rule: RuleSize, Where: "files", Path: path, Detail: fmt.Sprintf("the file has %d bytes, of at most %d", size, l.FileBytes)}
}

func allTooLarge(path string, l Limits) error {
	return &PackageError{Rule: RuleSize, Where: "files", Path: path, Detail: fmt.Sprintf("with this file all have more than %d bytes", l.TotalBytes)}
}

// FileName is the name of the file that a package of this manifest is kept in:
// NAME-VERSION.plugin.json, where "@a/b" is written "a__b".
func FileName(m *Manifest) string {
	name := strings.TrimPrefix(m.Name, "@")
	return strings.ReplaceAll(name, "/", "__") + "-" + m.Version + ".plugin.json"
}
