package storage

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

func sampleSnapshot() *SnapshotData {
	at := time.UnixMilli(1_790_000_000_000).UTC()
	return &SnapshotData{
		Identity: "local/hello",
		Taken:    at,
		Entries: []SnapshotEntry{
			{Entry: Entry{Key: "a\x00", Value: Value{Data: []byte(`{"x":1}`)}}},
			{Entry: Entry{Key: "b", Value: Value{Bytes: true, Data: []byte{}}}, Expires: at.Add(time.Hour)},
		},
		Settings: map[string]Setting{
			"name": {Value: []byte(`"x"`), Type: "string"}, "t\xff": {Value: []byte{0, 255}, Secret: true, Type: "secret"},
		},
		Jobs: []Job{{Identity: "local/hello", Key: "j", Spec: []byte("{}"), Due: at, LastRun: at}, {Identity: "local/hello", Key: "k"}},
	}
}

func encode(t testing.TB, d *SnapshotData) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteSnapshot(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSnapshotReadsBackWhatWasWritten(t *testing.T) {
	want := sampleSnapshot()
	got, err := ReadSnapshot(bytes.NewReader(encode(t, want)), "local/hello", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v\nwrote %+v", got, want)
	}
}

func TestSnapshotRefusesWhatAStoreWouldNotWrite(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*SnapshotData)
		want   string
	}{
		{"keys out of order", func(d *SnapshotData) { d.Entries[0], d.Entries[1] = d.Entries[1], d.Entries[0] }, "out of order"},
		{"a key twice", func(d *SnapshotData) { d.Entries[1].Key = d.Entries[0].Key }, "there twice"},
		{"a job twice", func(d *SnapshotData) { d.Jobs[1].Key = d.Jobs[0].Key }, "there twice"},
		{"text that is not JSON", func(d *SnapshotData) { d.Entries[0].Value.Data = []byte("{") }, "not JSON"},
		{"a setting that is not JSON", func(d *SnapshotData) { d.Settings["x"] = Setting{} }, "not JSON"},
		{"a time before 1970", func(d *SnapshotData) { d.Jobs[0].Due = time.UnixMilli(-1) }, "years"},
		{"an empty key", func(d *SnapshotData) { d.Entries[0].Key = "" }, "empty"},
		{"a long name", func(d *SnapshotData) { d.Jobs[1].Key = strings.Repeat("x", MaxNameBytes+1) }, "too long"},
		{"a long schedule", func(d *SnapshotData) { d.Jobs[1].Spec = make([]byte, MaxJobSpecBytes+1) }, "too long"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := sampleSnapshot()
			test.change(d)
			_, err := ReadSnapshot(bytes.NewReader(encode(t, d)), "local/hello", Limits{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that says %q", err, test.want)
			}
		})
	}
}

func TestSnapshotOfAnotherFormatIsNamed(t *testing.T) {
	stream := []byte(snapshotMagic)
	body := `{"format":2}`
	stream = append(append(stream, 'H', byte(len(body))), body...)
	_, err := ReadSnapshot(bytes.NewReader(stream), "local/hello", Limits{})
	if err == nil || !strings.Contains(err.Error(), "format 2") {
		t.Errorf("error %v does not name the format", err)
	}
}

func TestSnapshotDoesNotTrustLengths(t *testing.T) {
	stream := encode(t, &SnapshotData{})
	stream = append(stream[:len(stream)-34], 'V', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)
	_, err := ReadSnapshot(io.MultiReader(bytes.NewReader(stream), zeros{}), "local/hello", Limits{})
	var bad *SnapshotError
	if !errors.As(err, &bad) {
		t.Errorf("a record of 2^63 bytes: %v", err)
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// failing is a writer whose disk is full.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestWriteSnapshotReportsTheWritersError(t *testing.T) {
	d := sampleSnapshot()
	d.Entries[1].Value.Data = make([]byte, 200<<10)
	if err := WriteSnapshot(failing{}, d); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error is %v", err)
	}
}

func FuzzReadSnapshot(f *testing.F) {
	f.Add(encode(f, sampleSnapshot()))
	f.Add(encode(f, &SnapshotData{}))
	f.Add([]byte(snapshotMagic))
	limits := Limits{KeyBytes: 16, ValueBytes: 64, TotalBytes: 256, Keys: 8}
	f.Fuzz(func(t *testing.T, stream []byte) {
		// Most mutations break the checksum, so the records are read twice:
		// as they are, and with a checksum that is right.
		for _, stream := range [][]byte{stream, sealed(stream)} {
			d, err := ReadSnapshot(bytes.NewReader(stream), "local/hello", limits)
			var (
				bad   *SnapshotError
				quota *QuotaError
			)
			if err != nil {
				if d != nil || !errors.As(err, &bad) && !errors.As(err, &quota) {
					t.Fatalf("ReadSnapshot = %v, %v", d, err)
				}
				continue
			}
			again, err := ReadSnapshot(bytes.NewReader(encode(t, d)), "local/hello", limits)
			if err != nil || !reflect.DeepEqual(again, d) {
				t.Fatalf("read %+v, wrote and read again %+v, %v", d, again, err)
			}
		}
	})
}

// sealed puts a right end behind the records in stream.
func sealed(stream []byte) []byte {
	if n := len(stream) - 34; n >= 0 && stream[n] == 'E' {
		stream = stream[:n]
	}
	var b bytes.Buffer
	w := newSnapshotWriter(&b)
	w.write(stream)
	w.end()
	return b.Bytes()
}
