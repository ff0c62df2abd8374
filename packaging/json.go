package packaging

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// jsontext refuses what a stranger's JSON must not have: a key twice, invalid
// UTF-8, half a surrogate pair, anything after the value. Depth is ours.

// errDepth is returned by readRaw for JSON that nests too deep.
var errDepth = errors.New("nests too deep")

// newDecoder reads data in place, without copying it.
func newDecoder(data []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(data))
}

// readRaw reads one value of any kind and returns its bytes, which are a part
// of data. depth is what the decoder's whole stack may reach.
func readRaw(dec *jsontext.Decoder, data []byte, depth int) ([]byte, error) {
	dec.PeekKind()
	start, floor := dec.InputOffset(), dec.StackDepth()
	for {
		if _, err := dec.ReadToken(); err != nil {
			return nil, err
		}
		if dec.StackDepth() > depth {
			return nil, errDepth
		}
		if dec.StackDepth() == floor {
			return bytes.TrimLeft(data[start:dec.InputOffset()], " \t\r\n:,"), nil
		}
	}
}

// endOfJSON reports what follows a whole value; nil is nothing.
func endOfJSON(dec *jsontext.Decoder) error {
	switch _, err := dec.ReadToken(); {
	case err == io.EOF:
		return nil
	case err != nil:
		return err
	}
	return errors.New("something follows the end of the JSON")
}

// describeJSONError puts a line and a column to an error of the decoder.
func describeJSONError(data []byte, err error) string {
	var syntax *jsontext.SyntacticError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "JSON that ends too early"
	}
	if !errors.As(err, &syntax) {
		return printable(err.Error())
	}
	at := min(max(int(syntax.ByteOffset), 0), len(data))
	line := 1 + bytes.Count(data[:at], []byte{'\n'})
	column := at - bytes.LastIndexByte(data[:at], '\n')
	what := "broken JSON"
	if errors.Is(syntax.Err, jsontext.ErrDuplicateName) {
		what = "a key that stands there twice"
		if key := syntax.JSONPointer.LastToken(); key != "" {
			what = "the key " + clip(key) + " twice"
		}
	} else if syntax.Err != nil {
		what = "broken JSON (" + printable(syntax.Err.Error()) + ")"
	}
	return fmt.Sprintf("%s at line %d, column %d", what, line, column)
}

// jsonKind names a decoded value for an error.
func jsonKind(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case string:
		return "the text " + clip(v)
	case []any:
		if len(v) == 0 {
			return "an empty array"
		}
		return "an array"
	case map[string]any:
		return "an object"
	default:
		return "the number " + printable(fmt.Sprint(v))
	}
}
