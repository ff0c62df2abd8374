package storage

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"time"
)

// SnapshotData is what a snapshot holds. The stream is:
//
//	"innkeeper snapshot\n", then records: kind (1 byte), length of the body
//	(unsigned varint), body.
//
//	H  JSON: format (1), identity, taken (milliseconds since 1970). First, once.
//	V  a key: length of the key (varint), key, 0 for JSON text or 1 for raw
//	   bytes, expiry (varint, milliseconds since 1970, 0: never), value.
//	S  a setting: JSON.
//	J  a job: JSON.
//	E  SHA-256 of all bytes before this record. Last, once; nothing follows.
//
// V, S and J come in this order, each in ascending order of their keys, so
// that equal data gives equal bytes. Versions of values are not in it: restored
// values get new ones, or a CompareAndSet could take one for another.
type SnapshotData struct {
	Identity Identity // whose data it was
	Taken    time.Time
	Entries  []SnapshotEntry // ascending keys
	Settings map[string]Setting
	Jobs     []Job // ascending keys; their Identity is the one restored to
}

// SnapshotEntry is a key with its value and when it expires (zero: never).
type SnapshotEntry struct {
	Entry
	Expires time.Time
}

const (
	snapshotMagic  = "innkeeper snapshot\n"
	snapshotFormat = 1
	// maxTextRecord bounds H, S and J: a setting in base64 with its names.
	maxTextRecord = 2*MaxSettingBytes + 64<<10
)

type snapshotHeader struct {
	Format   int      `json:"format"`
	Identity Identity `json:"identity"`
	Taken    int64    `json:"taken"`
}

// Names are bytes (base64 in JSON) because JSON text can not carry all of them.
type snapshotSetting struct {
	Field  []byte `json:"field"`
	Type   []byte `json:"type"`
	Secret bool   `json:"secret,omitempty"`
	Value  []byte `json:"value"`
}

type snapshotJob struct {
	Key     []byte `json:"key"`
	Spec    []byte `json:"spec"`
	Due     int64  `json:"due,omitempty"`
	LastRun int64  `json:"lastRun,omitempty"`
}

// WriteSnapshot writes the stream. Entries and Jobs must be in the order of
// their keys.
func WriteSnapshot(w io.Writer, d *SnapshotData) error {
	out := newSnapshotWriter(w)
	out.write([]byte(snapshotMagic))
	out.text('H', snapshotHeader{Format: snapshotFormat, Identity: d.Identity, Taken: toMillis(d.Taken)})
	var body []byte
	for _, e := range d.Entries {
		body = binary.AppendUvarint(body[:0], uint64(len(e.Key)))
		body = append(body, e.Key...)
		body = append(body, kindOfValue(e.Value))
		body = binary.AppendUvarint(body, uint64(toMillis(e.Expires)))
		body = append(body, e.Value.Data...)
		out.record('V', body)
	}
	for _, field := range slices.Sorted(maps.Keys(d.Settings)) {
		s := d.Settings[field]
		out.text('S', snapshotSetting{Field: []byte(field), Type: []byte(s.Type), Secret: s.Secret, Value: s.Value})
	}
	for _, j := range d.Jobs {
		out.text('J', snapshotJob{Key: []byte(j.Key), Spec: j.Spec, Due: toMillis(j.Due), LastRun: toMillis(j.LastRun)})
	}
	return out.end()
}

// snapshotWriter keeps the first error, which the end reports.
type snapshotWriter struct {
	buf *bufio.Writer
	sum hash.Hash
	err error
}

func newSnapshotWriter(w io.Writer) *snapshotWriter {
	return &snapshotWriter{buf: bufio.NewWriterSize(w, 64<<10), sum: sha256.New()}
}

// end writes the checksum and what is still in the buffer.
func (w *snapshotWriter) end() error {
	w.record('E', w.sum.Sum(nil))
	if w.err != nil {
		return w.err
	}
	return w.buf.Flush()
}

func (w *snapshotWriter) write(b []byte) {
	if w.err != nil {
		return
	}
	w.sum.Write(b)
	_, w.err = w.buf.Write(b)
}

func (w *snapshotWriter) record(kind byte, body []byte) {
	w.write(binary.AppendUvarint([]byte{kind}, uint64(len(body))))
	w.write(body)
}

func (w *snapshotWriter) text(kind byte, v any) {
	body, err := json.Marshal(v)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.record(kind, body)
}

func kindOfValue(v Value) byte {
	if v.Bytes {
		return 1
	}
	return 0
}

func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// maxMillis keeps times within what every calendar can show (the year 9999).
const maxMillis = 253402300799999

func fromMillis(ms int64) (time.Time, error) {
	switch {
	case ms < 0 || ms > maxMillis:
		return time.Time{}, fmt.Errorf("the time %d lies outside the years 1970 to 9999", ms)
	case ms == 0:
		return time.Time{}, nil
	}
	return time.UnixMilli(ms).UTC(), nil
}

// ReadSnapshot reads and checks a whole stream that is to be restored to id.
// The stream may be hostile: what it makes the reader hold is bounded by
// limits, and any flaw is a *SnapshotError, more than limits allow a
// *QuotaError.
func ReadSnapshot(r io.Reader, id Identity, limits Limits) (*SnapshotData, error) {
	limits = limits.WithDefaults()
	in := &snapshotReader{buf: bufio.NewReaderSize(r, 64<<10), sum: sha256.New(), id: id, limits: limits,
		data: &SnapshotData{Settings: map[string]Setting{}}}
	magic, err := in.read(int64(len(snapshotMagic)))
	if err != nil || string(magic) != snapshotMagic {
		return nil, &SnapshotError{Reason: "it does not begin as a snapshot does", Err: err}
	}
	if err := in.records(); err != nil {
		switch err.(type) {
		case *QuotaError, *SnapshotError:
			return nil, err
		}
		return nil, &SnapshotError{Reason: fmt.Sprintf("record %d", in.count), Err: err}
	}
	return in.data, nil
}

// read returns n bytes without trusting n: room is taken as bytes arrive.
func (r *snapshotReader) read(n int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(n, 64<<10)))
	if _, err := io.CopyN(&b, r.buf, n); err != nil {
		return nil, noEOF(err)
	}
	r.sum.Write(b.Bytes())
	return b.Bytes(), nil
}

// noEOF tells a stream that was cut short from one that ended.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
