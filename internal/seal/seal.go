// Package seal keeps secrets unreadable for whoever has the data without the
// key.
//
// Vocabulary:
//
//   - Key: 32 bytes that lie outside the data directory, in a file of their own.
//   - Seal, open: encrypt and decrypt with authentication.
//   - Identity and field: whose secret it is and which. A sealed secret opens
//     only under the two that it was sealed for: whoever can write to the
//     database cannot move one plugin's secret to another.
//
// It must never know what an identity is, where sealed bytes are kept, or what
// a secret is for.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrNotOpened says that sealed bytes do not open: the key is another, they were
// sealed for another identity or field, or they were changed. Which of these it
// was cannot be told.
var ErrNotOpened = errors.New("the secret does not open")

// keyBytes is the length of a key: AES-256.
const keyBytes = 32

// version is the first sealed byte: AES-256-GCM with a random nonce of 12 bytes
// before the text and a tag of 16 after it. One key serves 2^32 secrets.
const version = 1

// Key seals and opens. It may be used by any number of goroutines, and shows
// nothing of itself when it is printed.
type Key struct{ aead cipher.AEAD }

func newKey(raw []byte) (*Key, error) {
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Key{aead}, nil
}

// Seal encrypts plain for one field of one identity. Sealing the same twice
// gives different bytes; they are Overhead longer than plain.
func (k *Key) Seal(identity, field string, plain []byte) ([]byte, error) {
	out := make([]byte, 1, 1+len(plain)+k.aead.Overhead())
	out[0] = version
	return k.aead.Seal(out, nil, plain, bound(identity, field)), nil
}

// Overhead is how many bytes longer a sealed secret is.
const Overhead = 1 + 12 + 16

// Open decrypts what Seal made for the same identity and field. The error is
// ErrNotOpened, or says that the format is of a newer version.
func (k *Key) Open(identity, field string, sealed []byte) ([]byte, error) {
	if len(sealed) > 0 && sealed[0] != version {
		return nil, fmt.Errorf("open field %q of %q: found format %d, wanted %d: it was sealed by a newer version, or the data is damaged", field, identity, sealed[0], version)
	}
	if len(sealed) < Overhead {
		return nil, fmt.Errorf("open field %q of %q: %w: %d bytes are too few", field, identity, ErrNotOpened, len(sealed))
	}
	plain, err := k.aead.Open(nil, nil, sealed[1:], bound(identity, field))
	if err != nil {
		return nil, fmt.Errorf("open field %q of %q: %w: it was sealed with another key or for another place, or was changed; put the old key file back, or set the secret again", field, identity, ErrNotOpened)
	}
	return plain, nil
}

// bound is the associated data: the format, then identity and field, each after
// its length, so that no two pairs give the same bytes.
func bound(identity, field string) []byte {
	out := make([]byte, 0, 64)
	out = append(out, "innkeeper secret\x00"...)
	out = append(out, version)
	for _, part := range []string{identity, field} {
		out = binary.AppendUvarint(out, uint64(len(part)))
		out = append(out, part...)
	}
	return out
}

// Format shows that there is a key, and not which, whatever the verb.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "seal.Key(hidden)") }

// MarshalText refuses: a key does not belong in a log or a document.
func (k *Key) MarshalText() ([]byte, error) {
	return nil, errors.New("write key: a key is not written anywhere but in its own file")
}
