package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/innkeeper-host/innkeeper/internal/atomicfile"
)

// maxKeyFile is enough for any form of a key, with room for blanks.
const maxKeyFile = 1024

// LoadKey reads the key in the file at path. On Unix it refuses a file that
// others than its owner may read or write. A file that is not there is
// fs.ErrNotExist.
func LoadKey(path string) (*Key, error) {
	// Opening a pipe would wait for a writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("load key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("load key %s: found %s, wanted a file", path, kind(info.Mode()))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load key: %w", err)
	}
	defer file.Close()
	if info, err = file.Stat(); err != nil {
		return nil, fmt.Errorf("load key: %w", err)
	}
	if err := private(path, info.Mode()); err != nil {
		return nil, fmt.Errorf("load key %s: %w", path, err)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err != nil {
		return nil, fmt.Errorf("load key: %w", err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, fmt.Errorf("load key %s: found an empty file, as a crash while it was created leaves it: nothing was sealed with it; delete it and create the key again", path)
	}
	key, err := ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("load key %s: %w", path, err)
	}
	return key, nil
}

// ParseKey reads a key written in hex or base64 (with either alphabet, padded or
// not), as an environment or a vault may hold it. Blanks around it are left out.
func ParseKey(text []byte) (*Key, error) {
	const wanted = "wanted 32 bytes in hex (64 characters) or base64 (43 or 44)"
	if len(text) > maxKeyFile {
		return nil, fmt.Errorf("read key: found more than %d bytes, %s", maxKeyFile, wanted)
	}
	trimmed := bytes.TrimSpace(text)
	raw, err := decode(string(trimmed))
	switch {
	// What was found is not shown: it may be the key but for a character.
	case err != nil:
		return nil, fmt.Errorf("read key: found %d characters that are neither hex nor base64, %s", len(trimmed), wanted)
	case len(raw) != keyBytes:
		return nil, fmt.Errorf("read key: found %d bytes, %s", len(raw), wanted)
	case bytes.Count(raw, raw[:1]) == keyBytes:
		return nil, errors.New("read key: found 32 equal bytes, wanted random ones")
	}
	return newKey(raw)
}

func decode(text string) ([]byte, error) {
	if len(text) == hex.EncodedLen(keyBytes) {
		return hex.DecodeString(text)
	}
	var raw []byte
	var err error
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if raw, err = encoding.Strict().DecodeString(text); err == nil {
			return raw, nil
		}
	}
	return nil, err
}

// CreateKey makes a random key and writes it to path, readable for its owner
// only. A file that is there is never replaced, for what it sealed would be
// lost: the error is then fs.ErrExist, also where two processes try at once.
func CreateKey(path string) (*Key, error) {
	// The claim decides who creates; only then is the key put in its place.
	claim, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create key: %w", err)
	}
	if err := claim.Close(); err != nil {
		return nil, fmt.Errorf("create key: %w", err)
	}
	raw := make([]byte, keyBytes)
	rand.Read(raw) // never fails: it ends the process instead
	key, err := newKey(raw)
	if err == nil {
		err = atomicfile.Write(path, []byte(hex.EncodeToString(raw)+"\n"), 0o600)
	}
	if err != nil {
		_ = os.Remove(path)
		return nil, fmt.Errorf("create key: %w", err)
	}
	return key, nil
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	default:
		return "no regular file (" + mode.String() + ")"
	}
}
