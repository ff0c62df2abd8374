package bridge

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
	"unsafe"
)

// Bounds of a Payload, held by Encoder and Decoder alike.
const (
	MaxPayload = 16 << 20 // bytes
	MaxDepth   = 64       // nesting of a JSON value
	MaxList    = 1000     // keys or entries in one answer
	maxValues  = 4096     // values in one payload
)

// ErrPayload is the reason of every error about bytes that are not a payload.
var ErrPayload = errors.New("malformed payload")

// Payload is a list of values, encoded: undefined, booleans, numbers, strings,
// JSON texts and byte strings. It is immutable and may be shared by any number
// of rooms. The zero Payload is the empty list.
type Payload string

// The tag before each value.
const (
	tagUndefined = 'u'
	tagFalse     = 'f'
	tagTrue      = 't'
	tagNumber    = 'n' // 8 bytes, little endian IEEE 754
	tagString    = 's' // length, UTF-8
	tagJSON      = 'j' // length, JSON text
	tagBytes     = 'b' // length, bytes
)

// Encoder builds a Payload. The zero Encoder is ready; it is not safe for
// concurrent use. What is written after Payload was called must not be.
type Encoder struct{ buf []byte }

// Undefined appends undefined.
func (e *Encoder) Undefined() { e.buf = append(e.buf, tagUndefined) }

// Bool appends a boolean.
func (e *Encoder) Bool(b bool) {
	if b {
		e.buf = append(e.buf, tagTrue)
	} else {
		e.buf = append(e.buf, tagFalse)
	}
}

// Number appends a number.
func (e *Encoder) Number(n float64) {
	e.buf = append(e.buf, tagNumber)
	e.buf = binary.LittleEndian.AppendUint64(e.buf, math.Float64bits(n))
}

// String appends a string; bytes that are not UTF-8 become U+FFFD.
func (e *Encoder) String(s string) {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	e.sized(tagString, s)
}

// JSON appends a JSON text. The caller answers for its being one.
func (e *Encoder) JSON(text string) { e.sized(tagJSON, text) }

// Bytes appends a byte string.
func (e *Encoder) Bytes(b []byte) {
	e.buf = append(e.buf, tagBytes)
	e.buf = binary.AppendUvarint(e.buf, uint64(len(b)))
	e.buf = append(e.buf, b...)
}

func (e *Encoder) sized(tag byte, s string) {
	e.buf = append(e.buf, tag)
	e.buf = binary.AppendUvarint(e.buf, uint64(len(s)))
	e.buf = append(e.buf, s...)
}

// Len is the number of bytes so far.
func (e *Encoder) Len() int { return len(e.buf) }

// Payload returns what was appended and hands its memory over: the Encoder is
// empty afterwards.
func (e *Encoder) Payload() Payload {
	p := Payload(unsafe.String(unsafe.SliceData(e.buf), len(e.buf)))
	e.buf = nil
	return p
}

// Decoder reads the values of a Payload in order. The first error sticks: what
// is read after it is the zero value, and Err tells it. Strings share the
// payload's memory.
type Decoder struct {
	rest  string
	count int
	err   error
}

// Decode starts reading p.
func (p Payload) Decode() Decoder {
	d := Decoder{rest: string(p)}
	if len(p) > MaxPayload {
		d.fail("%d bytes are over the limit of %d", len(p), MaxPayload)
	}
	return d
}

// Err is the first error, or nil. It is an ErrPayload.
func (d *Decoder) Err() error { return d.err }

// More reports whether a value is left.
func (d *Decoder) More() bool { return d.err == nil && d.rest != "" }

// Value is one value of any kind, as Decoder.Value returns it.
type Value struct {
	Kind ValueKind
	Num  float64 // KindNumber; 1 for KindBool true
	Text string  // KindString, KindJSON, KindBytes
}

// ValueKind says what a Value holds.
type ValueKind byte

// The kinds of a Value.
const (
	KindUndefined ValueKind = iota
	KindBool
	KindNumber
	KindString
	KindJSON
	KindBytes
)

// Value reads the next value whatever its kind.
func (d *Decoder) Value() Value {
	if d.err != nil {
		return Value{}
	}
	if d.rest == "" {
		d.fail("a value is missing")
		return Value{}
	}
	if d.count++; d.count > maxValues {
		d.fail("over %d values", maxValues)
		return Value{}
	}
	tag := d.rest[0]
	d.rest = d.rest[1:]
	switch tag {
	case tagUndefined:
		return Value{}
	case tagFalse:
		return Value{Kind: KindBool}
	case tagTrue:
		return Value{Kind: KindBool, Num: 1}
	case tagNumber:
		if len(d.rest) < 8 {
			d.fail("a number is cut short")
			return Value{}
		}
		bits := binary.LittleEndian.Uint64([]byte(d.rest[:8]))
		d.rest = d.rest[8:]
		return Value{Kind: KindNumber, Num: math.Float64frombits(bits)}
	case tagString:
		text := d.sized()
		if !utf8.ValidString(text) {
			d.fail("a string is not UTF-8")
			return Value{}
		}
		return Value{Kind: KindString, Text: text}
	case tagJSON:
		text := d.sized()
		if d.err == nil {
			if err := CheckJSON(text); err != nil {
				d.err = err
				return Value{}
			}
		}
		return Value{Kind: KindJSON, Text: text}
	case tagBytes:
		return Value{Kind: KindBytes, Text: d.sized()}
	default:
		d.fail("unknown tag %q", tag)
		return Value{}
	}
}

// String reads a string.
func (d *Decoder) String() string { return d.of(KindString).Text }

// JSON reads a JSON text, checked to be one and not nested past MaxDepth;
// undefined reads as "".
func (d *Decoder) JSON() string {
	v := d.Value()
	if v.Kind != KindJSON && v.Kind != KindUndefined {
		d.fail("wanted JSON")
		return ""
	}
	return v.Text
}

// Bytes reads a byte string.
func (d *Decoder) Bytes() string { return d.of(KindBytes).Text }

// Number reads a number.
func (d *Decoder) Number() float64 { return d.of(KindNumber).Num }

// Bool reads a boolean.
func (d *Decoder) Bool() bool { return d.of(KindBool).Num == 1 }

// ID reads a number that must be a whole one from 0 to 2^32-1.
func (d *Decoder) ID() uint32 {
	n := d.Number()
	if n < 0 || n > math.MaxUint32 || n != math.Trunc(n) {
		d.fail("%v is not an id", n)
		return 0
	}
	return uint32(n)
}

func (d *Decoder) of(kind ValueKind) Value {
	v := d.Value()
	if d.err == nil && v.Kind != kind {
		d.fail("found a value of another kind")
		return Value{}
	}
	return v
}

func (d *Decoder) sized() string {
	n, length := uint64(0), 0
	for shift := uint(0); ; shift += 7 {
		if length >= len(d.rest) || shift > 28 {
			d.fail("a length is cut short")
			return ""
		}
		b := d.rest[length]
		length++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	if n > uint64(len(d.rest)-length) {
		d.fail("a value is cut short")
		return ""
	}
	text := d.rest[length : length+int(n)]
	d.rest = d.rest[length+int(n):]
	return text
}

func (d *Decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", ErrPayload, fmt.Sprintf(format, args...))
	}
	d.rest = ""
}

// CheckJSON reports whether text is JSON in UTF-8 and not nested past MaxDepth.
func CheckJSON(text string) error {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return fmt.Errorf("%w: JSON is nested past %d", ErrPayload, MaxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	if !json.Valid(unsafe.Slice(unsafe.StringData(text), len(text))) || !utf8.ValidString(text) {
		return fmt.Errorf("%w: not JSON", ErrPayload)
	}
	return nil
}
