package storage

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"unicode/utf8"
)

// snapshotReader is one ReadSnapshot under way.
type snapshotReader struct {
	buf    *bufio.Reader
	sum    hash.Hash
	id     Identity
	limits Limits
	data   *SnapshotData

	count int   // records begun
	stage int   // place of the last record's kind in snapshotOrder
	bytes int64 // of keys and values
	last  string
}

// snapshotOrder is the order of kinds.
const snapshotOrder = "HVSJE"

var errSnapshotOrder = errors.New("it is out of order or there twice")

func (r *snapshotReader) records() error {
	for {
		want := r.sum.Sum(nil)
		kind, body, err := r.next()
		if err != nil {
			return err
		}
		if kind == 'E' {
			if !bytes.Equal(body, want) {
				return &SnapshotError{Reason: "its checksum is wrong: it was damaged or changed"}
			}
			if _, err := r.buf.ReadByte(); err != io.EOF {
				return &SnapshotError{Reason: "something follows its end", Err: err}
			}
			return nil
		}
		if err := r.take(kind, body); err != nil {
			return err
		}
	}
}

// next reads one record and checks that its kind may come now.
func (r *snapshotReader) next() (kind byte, body []byte, err error) {
	r.count++
	if kind, err = r.buf.ReadByte(); err != nil {
		return 0, nil, noEOF(err)
	}
	stage := strings.IndexByte(snapshotOrder, kind)
	if stage < 0 {
		return 0, nil, fmt.Errorf("the kind %q is unknown", kind)
	}
	if (r.count == 1) != (kind == 'H') || stage < r.stage {
		return 0, nil, errSnapshotOrder
	}
	if stage != r.stage {
		r.stage, r.last = stage, ""
	}
	length, err := r.uvarint(kind)
	if err != nil {
		return 0, nil, err
	}
	body, err = r.read(length)
	return kind, body, err
}

// uvarint reads the length of a record of that kind, in its shortest form.
func (r *snapshotReader) uvarint(kind byte) (int64, error) {
	n, err := binary.ReadUvarint(r.buf)
	if err != nil {
		return 0, noEOF(err)
	}
	most := uint64(maxTextRecord)
	switch kind {
	case 'V':
		most = uint64(r.limits.KeyBytes) + uint64(r.limits.ValueBytes) + 2*binary.MaxVarintLen64 + 1
	case 'E':
		most = uint64(r.sum.Size())
	}
	if n > most {
		return 0, fmt.Errorf("it is %d bytes long, at most %d are allowed", n, most)
	}
	r.sum.Write(binary.AppendUvarint([]byte{kind}, n))
	return int64(n), nil
}

func (r *snapshotReader) take(kind byte, body []byte) error {
	switch kind {
	case 'H':
		return r.takeHeader(body)
	case 'V':
		return r.takeEntry(body)
	case 'S':
		return r.takeSetting(body)
	default:
		return r.takeJob(body)
	}
}

func (r *snapshotReader) takeHeader(body []byte) (err error) {
	var h snapshotHeader
	if err := json.Unmarshal(body, &h); err != nil {
		return err
	}
	if h.Format != snapshotFormat {
		return &SnapshotError{Reason: fmt.Sprintf("it has format %d, this program knows format %d", h.Format, snapshotFormat)}
	}
	r.data.Identity = h.Identity
	r.data.Taken, err = fromMillis(h.Taken)
	return err
}

// ascends refuses a key that does not come behind the one before.
func (r *snapshotReader) ascends(key string, first bool) error {
	if !first && key <= r.last {
		return errSnapshotOrder
	}
	r.last = key
	return nil
}

func (r *snapshotReader) takeEntry(body []byte) (err error) {
	var e SnapshotEntry
	length, n := binary.Uvarint(body)
	if n <= 0 || length > uint64(len(body)-n) {
		return errors.New("the length of its key is wrong")
	}
	body = body[n:]
	e.Key, body = string(body[:length]), body[length:]
	if len(body) == 0 || body[0] > 1 {
		return errors.New("its value is neither text nor bytes")
	}
	e.Value.Bytes, body = body[0] == 1, body[1:]
	expires, n := binary.Uvarint(body)
	if n <= 0 || expires > maxMillis {
		return errors.New("its expiry is wrong")
	}
	if e.Expires, err = fromMillis(int64(expires)); err != nil {
		return err
	}
	e.Value.Data = body[n:]
	if !e.Value.Bytes && !json.Valid(e.Value.Data) {
		return fmt.Errorf("the value of %q is not JSON", shorten(e.Key))
	}
	if err := r.limits.CheckEntry(r.id, e.Entry); err != nil {
		return err
	}
	if err := r.ascends(e.Key, len(r.data.Entries) == 0); err != nil {
		return err
	}
	r.bytes += int64(len(e.Key) + len(e.Value.Data))
	if r.bytes > r.limits.TotalBytes {
		return &QuotaError{Identity: r.id, Limit: LimitTotalBytes, Want: r.bytes, Max: r.limits.TotalBytes}
	}
	r.data.Entries = append(r.data.Entries, e)
	if n := int64(len(r.data.Entries)); n > r.limits.Keys {
		return &QuotaError{Identity: r.id, Limit: LimitKeys, Want: n, Max: r.limits.Keys}
	}
	return nil
}

func (r *snapshotReader) takeSetting(body []byte) error {
	var s snapshotSetting
	if err := json.Unmarshal(body, &s); err != nil {
		return err
	}
	switch {
	case len(s.Field) > MaxNameBytes || len(s.Type) > MaxNameBytes:
		return errors.New("a name in it is too long")
	case !utf8.Valid(s.Type):
		return errors.New("its type is not text")
	case len(s.Value) > MaxSettingBytes:
		return errors.New("its value is too long")
	case !s.Secret && !json.Valid(s.Value):
		return errors.New("its value is not JSON")
	case len(r.data.Settings) >= MaxSettings:
		return fmt.Errorf("there are more than %d settings", MaxSettings)
	}
	if err := r.ascends(string(s.Field), len(r.data.Settings) == 0); err != nil {
		return err
	}
	r.data.Settings[string(s.Field)] = Setting{Value: s.Value, Secret: s.Secret, Type: string(s.Type)}
	return nil
}

func (r *snapshotReader) takeJob(body []byte) (err error) {
	var j snapshotJob
	if err := json.Unmarshal(body, &j); err != nil {
		return err
	}
	switch {
	case len(j.Key) > MaxNameBytes:
		return errors.New("its name is too long")
	case len(j.Spec) > MaxJobSpecBytes:
		return errors.New("its schedule is too long")
	case len(r.data.Jobs) >= MaxJobs:
		return fmt.Errorf("there are more than %d jobs", MaxJobs)
	}
	if err := r.ascends(string(j.Key), len(r.data.Jobs) == 0); err != nil {
		return err
	}
	job := Job{Identity: r.id, Key: string(j.Key), Spec: j.Spec}
	if job.Due, err = fromMillis(j.Due); err != nil {
		return err
	}
	if job.LastRun, err = fromMillis(j.LastRun); err != nil {
		return err
	}
	r.data.Jobs = append(r.data.Jobs, job)
	return nil
}
