package chat

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func schema(t *testing.T, text string) Schema {
	t.Helper()
	var s Schema
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

const sample = `{
	"on":    {"type": "boolean", "default": true, "label": "On"},
	"limit": {"type": "number", "default": 3, "min": 1, "max": 9},
	"greet": {"type": "string", "maxLength": 5, "pattern": "[a-zä]*"},
	"note":  {"type": "text", "required": true},
	"mode":  {"type": "select", "options": ["a", {"value": "b", "label": "B"}], "default": "a"},
	"many":  {"type": "multiselect", "options": ["x", "y"]},
	"token": {"type": "secret", "minLength": 4}
}`

func TestSchemaKeepsTheOrderOfItsFields(t *testing.T) {
	s := schema(t, sample)
	var names []string
	for _, f := range s {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "on limit greet note mode many token" {
		t.Errorf("order is %q", got)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if again := schema(t, string(text)); !reflect.DeepEqual(again, s) {
		t.Errorf("written and read again it is %v, was %v", again, s)
	}
}

func TestValuesAreHeldAgainstTheirField(t *testing.T) {
	s := schema(t, sample)
	for _, c := range []struct {
		field string
		value any
		why   string // "" where it fits
	}{
		{"on", false, ""}, {"on", "yes", "found text, wanted true or false"},
		{"limit", 9.0, ""}, {"limit", 10.0, "10 is above 9"}, {"limit", 0.5, "0.5 is below 1"}, {"limit", "3", "wanted a number"},
		{"greet", "grüß", "does not match"}, {"greet", "gräm", ""}, {"greet", "abcdef", "has 6 characters, wanted at most 5"}, {"greet", 1.0, "wanted text"},
		{"note", "", "is empty"}, {"note", "x", ""}, {"note", strings.Repeat("x", 70000), "is over 65536 bytes"},
		{"mode", "b", ""}, {"mode", "c", `found "c", wanted one of a, b`},
		{"many", []any{"x", "y"}, ""}, {"many", []any{"z"}, "wanted some of x, y"}, {"many", "x", "wanted a list"},
		{"token", "abc", "at least 4"}, {"token", "abcd", ""},
	} {
		err := s.Field(c.field).Check(c.value)
		var refused *SettingError
		switch {
		case c.why == "" && err != nil:
			t.Errorf("%s = %v: %v", c.field, c.value, err)
		case c.why != "" && (!errors.As(err, &refused) || refused.Field != c.field || !strings.Contains(refused.Why, c.why)):
			t.Errorf("%s = %v: got %v, wanted %s", c.field, c.value, err, c.why)
		}
	}
}

func TestSchemasThatCannotWorkAreRefused(t *testing.T) {
	for text, says := range map[string]string{
		`{"a": {"type": "date"}}`:                             `type is "date"`,
		`{"a": {"type": "select"}}`:                           "needs options",
		`{"a": {"type": "number", "default": "x"}}`:           "default: found text",
		`{"a": {"type": "secret", "default": "x"}}`:           "a secret has no default",
		`{"a": {"type": "string", "pattern": "("}}`:           "pattern",
		`{"a": {"type": "string", "pattern": "\\Qx"}}`:        "pattern",
		`{"": {"type": "string"}}`:                            "a name has",
		`{"a": {"type": "string"}, "a": {"type": "boolean"}}`: "twice",
		`{"a": {"type": 5}}`:                                  "cannot unmarshal",
		`[]`:                                                  "wanted an object",
		`{"a": {"type": "string", "pattern": "` + strings.Repeat("x", 300) + `"}}`: "over 256 bytes",
	} {
		var s Schema
		if err := json.Unmarshal([]byte(text), &s); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, wanted %s", text, err, says)
		}
	}
}

func TestStoredValuesThatNoLongerFitGiveWayToDefaults(t *testing.T) {
	got := schema(t, sample).Resolve(map[string]any{"on": "broken", "limit": 5.0, "mode": "gone", "unknown": 1.0, "note": "kept"})
	want := map[string]any{"on": true, "limit": 5.0, "mode": "a", "note": "kept"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, wanted %v", got, want)
	}
}
