package bridge_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
)

// values reads all that a payload holds.
func values(p bridge.Payload) ([]bridge.Value, error) {
	d := p.Decode()
	var out []bridge.Value
	for d.More() {
		if v := d.Value(); d.Err() == nil {
			out = append(out, v)
		}
	}
	return out, d.Err()
}

// encode writes values as Decoder.Value returned them.
func encode(list []bridge.Value) bridge.Payload {
	var e bridge.Encoder
	for _, v := range list {
		switch v.Kind {
		case bridge.KindUndefined:
			e.Undefined()
		case bridge.KindBool:
			e.Bool(v.Num == 1)
		case bridge.KindNumber:
			e.Number(v.Num)
		case bridge.KindString:
			e.String(v.Text)
		case bridge.KindJSON:
			e.JSON(v.Text)
		case bridge.KindBytes:
			e.Bytes([]byte(v.Text))
		}
	}
	return e.Payload()
}

func TestEveryKindOfValueCrossesWhole(t *testing.T) {
	long := strings.Repeat("é", 1<<15)
	list := []bridge.Value{
		{}, {Kind: bridge.KindBool}, {Kind: bridge.KindBool, Num: 1},
		{Kind: bridge.KindNumber, Num: -1.5}, {Kind: bridge.KindNumber, Num: math.Inf(-1)}, {Kind: bridge.KindNumber, Num: math.MaxFloat64},
		{Kind: bridge.KindString}, {Kind: bridge.KindString, Text: "a\x00\u202e😀"}, {Kind: bridge.KindString, Text: long},
		{Kind: bridge.KindJSON, Text: `{"a":[1,null,"\ud800"]}`}, {Kind: bridge.KindJSON, Text: "0"},
		{Kind: bridge.KindBytes}, {Kind: bridge.KindBytes, Text: "\xff\x00s"}, {},
	}
	got, err := values(encode(list))
	if err != nil || !reflect.DeepEqual(got, list) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := values(""); err != nil || got != nil {
		t.Errorf("the empty payload: %v, %v", got, err)
	}
	var e bridge.Encoder
	e.Number(math.NaN())
	e.String("\xffa\xc3")
	d := e.Payload().Decode()
	if n := d.Number(); n == n {
		t.Errorf("NaN became %v", n)
	}
	if s := d.String(); s != "\ufffda\ufffd" {
		t.Errorf("what is not UTF-8 became %q", s)
	}
	if e.Len() != 0 {
		t.Error("the Encoder kept what it handed over")
	}
}

func TestTheFirstErrorSticksAndTheRestIsZero(t *testing.T) {
	for name, p := range map[string]bridge.Payload{
		"unknown tag": "x", "cut number": "n1234567", "cut length": "s\xff", "cut text": "s\x05ab", "long length": "s\xff\xff\xff\xff\xff\x01",
		"not UTF-8": "s\x01\xff", "not JSON": "j\x01x", "empty JSON": "j\x00", "two JSON": "j\x0312 ", "JSON not UTF-8": "j\x03\"\xff\"",
		"huge": bridge.Payload("s\xff\xff\xff\xff\x0f" + "a"), "many": bridge.Payload(strings.Repeat("u", 5000)),
	} {
		d := p.Decode()
		for d.More() {
			d.Value()
		}
		if name == "two JSON" {
			continue // "12 " is one
		}
		if !errors.Is(d.Err(), bridge.ErrPayload) {
			t.Errorf("%s: %v", name, d.Err())
		}
		if d.String() != "" || d.JSON() != "" || d.Number() != 0 || d.Bool() || d.Bytes() != "" || d.ID() != 0 || d.More() {
			t.Errorf("%s: something came after the error", name)
		}
	}
	var e bridge.Encoder
	e.String("text")
	e.String("more")
	p := e.Payload()
	for name, read := range map[string]func(*bridge.Decoder) any{
		"number": func(d *bridge.Decoder) any { return d.Number() }, "JSON": func(d *bridge.Decoder) any { return d.JSON() },
		"bool": func(d *bridge.Decoder) any { return d.Bool() }, "bytes": func(d *bridge.Decoder) any { return d.Bytes() }, "id": func(d *bridge.Decoder) any { return d.ID() },
	} {
		d := decoder(p)
		if got := read(d); !reflect.ValueOf(got).IsZero() || d.Err() == nil || d.More() {
			t.Errorf("a string read as %s: %v, %v", name, got, d.Err())
		}
	}
	for _, n := range []float64{-1, 0.5, math.NaN(), math.MaxUint32 + 1, math.Inf(1)} {
		var e bridge.Encoder
		e.Number(n)
		d := decoder(e.Payload())
		if d.ID() != 0 || d.Err() == nil {
			t.Errorf("%v was taken for an id", n)
		}
	}
}

func TestMessagesVerdictsAndErrorsCrossWhole(t *testing.T) {
	m := chat.Message{ID: "1", Channel: "c", Thread: "t", ReplyTo: "r", Role: chat.RoleUser, Author: chat.Author{ID: "u", Name: "Ann", Bot: true},
		Content: "x", Metadata: map[string]any{"a": 1}, CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.FixedZone("", 3600)), EditedAt: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)}
	var e bridge.Encoder
	if err := e.AppendMessage(&m); err != nil {
		t.Fatal(err)
	}
	if err := e.AppendMessage(&chat.Message{}); err != nil {
		t.Fatal(err)
	}
	verdicts := []bridge.Verdict{{}, {Drop: true}, {Reject: true, Reason: "no"}, {Changed: true, Content: "c", Metadata: `{"a":1}`}, {Changed: true}}
	for _, v := range verdicts {
		e.AppendVerdict(v)
	}
	failure := bridge.Error{Name: "TypeError", Message: "m", Stack: "s", Fatal: true}
	e.AppendError(&failure)
	d := decoder(e.Payload())
	want := bridge.FlatMessage{ID: "1", Channel: "c", Thread: "t", ReplyTo: "r", Role: "user", AuthorID: "u", AuthorName: "Ann", AuthorBot: true,
		Content: "x", Metadata: `{"a":1}`, CreatedAt: "2026-01-02T02:04:05.678Z", EditedAt: "2026-01-02T03:04:06.000Z"}
	if got := d.Message(); got != want {
		t.Errorf("message %+v", got)
	}
	if got := d.Message(); got.Metadata != "" || got.EditedAt != "" {
		t.Errorf("empty message %+v", got)
	}
	for _, v := range verdicts {
		if got := d.Verdict(); got != v {
			t.Errorf("verdict %+v, want %+v", got, v)
		}
	}
	if got := d.Error(); *got != failure || d.Err() != nil || d.More() {
		t.Errorf("error %+v, %v", got, d.Err())
	}
	deep := any("x")
	for range 70 {
		deep = []any{deep}
	}
	for _, bad := range []any{func() {}, math.NaN(), deep} {
		if err := new(bridge.Encoder).AppendMessage(&chat.Message{Metadata: map[string]any{"a": bad}}); err == nil {
			t.Errorf("metadata %T crossed", bad)
		}
	}
}

// FuzzPayload: bytes from a worker never panic, and what they hold crosses again.
func FuzzPayload(f *testing.F) {
	var e bridge.Encoder
	_ = e.AppendMessage(&chat.Message{ID: "1", Metadata: map[string]any{"a": 1}})
	e.AppendVerdict(bridge.Verdict{Reject: true})
	e.AppendError(&bridge.Error{Name: "x"})
	e.Bytes([]byte{1})
	e.Undefined()
	e.Number(5)
	f.Add(string(e.Payload()))
	f.Add("n12345678tfus\x80\x00j\x02{}b\x01\xff")
	f.Fuzz(func(t *testing.T, data string) {
		for _, read := range []func(*bridge.Decoder){
			func(d *bridge.Decoder) { d.Message() }, func(d *bridge.Decoder) { d.Verdict() }, func(d *bridge.Decoder) { d.Error() },
			func(d *bridge.Decoder) { d.ID(); d.JSON() }, func(d *bridge.Decoder) { d.Bytes(); d.Bool() },
		} {
			read(decoder(bridge.Payload(data)))
		}
		list, err := values(bridge.Payload(data))
		if err != nil {
			if !errors.Is(err, bridge.ErrPayload) {
				t.Errorf("the error is no ErrPayload: %v", err)
			}
			return
		}
		again, err := values(encode(list))
		if err != nil || !equal(list, again) {
			t.Errorf("%v became %v, %v", list, again, err)
		}
	})
}

func equal(a, b []bridge.Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Kind != b[i].Kind || a[i].Text != b[i].Text || math.Float64bits(a[i].Num) != math.Float64bits(b[i].Num) {
			return false
		}
	}
	return true
}

// FuzzCheckJSON holds CheckJSON against encoding/json.
func FuzzCheckJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,"\\\"]"]}`, `"\`, `[`, strings.Repeat("[", 64) + strings.Repeat("]", 64), strings.Repeat("[", 65) + strings.Repeat("]", 65), "\"\xff\"", ``, `1 2`, `"\ud800"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := bridge.CheckJSON(text) == nil
		want := json.Valid([]byte(text)) && utf8.ValidString(text) && depth(text) <= bridge.MaxDepth
		if got != want {
			t.Errorf("CheckJSON(%q) = %v, want %v", text, got, want)
		}
	})
}

// depth is how deep valid JSON is nested.
func depth(text string) (deepest int) {
	d, now := json.NewDecoder(strings.NewReader(text)), 0
	for {
		token, err := d.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			now++
			deepest = max(deepest, now)
		case json.Delim('}'), json.Delim(']'):
			now--
		}
	}
}

func decoder(p bridge.Payload) *bridge.Decoder {
	d := p.Decode()
	return &d
}
