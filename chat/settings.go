package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Schema is a plugin's settings in the order in which a form shows them. As
// JSON it is an object from field name to field, as plugins write it.
type Schema []Field

// Field is one setting. Default, and every value, is what encoding/json makes
// of JSON: bool, float64, string, []any.
type Field struct {
	Name        string   `json:"-"`
	Type        string   `json:"type"`
	Default     any      `json:"default,omitempty"`
	Label       string   `json:"label,omitempty"`
	Description string   `json:"description,omitempty"`
	Required    bool     `json:"required,omitempty"`
	Options     []Choice `json:"options,omitempty"`
	Min         *float64 `json:"min,omitempty"`
	Max         *float64 `json:"max,omitempty"`
	MinLength   *int     `json:"minLength,omitempty"`
	MaxLength   *int     `json:"maxLength,omitempty"`
	Pattern     string   `json:"pattern,omitempty"`
}

// Choice is one option of a select or multiselect; in JSON it may be written as
// a string alone.
type Choice struct {
	Value string `json:"value"`
	Label string `json:"label,omitempty"`
}

// The types of a Field.
const (
	FieldBoolean     = "boolean"
	FieldString      = "string"
	FieldText        = "text"
	FieldNumber      = "number"
	FieldSelect      = "select"
	FieldMultiselect = "multiselect"
	FieldSecret      = "secret"
)

const (
	maxFields      = 200
	maxFieldText   = 64 << 10
	maxPatternText = 256
)

// SettingError says which field was refused and why.
type SettingError struct {
	Field string
	Why   string
}

func (e *SettingError) Error() string { return fmt.Sprintf("setting %q: %s", e.Field, e.Why) }

// UnmarshalJSON accepts a Choice or a plain string.
func (c *Choice) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &c.Value)
	}
	type plain Choice
	return json.Unmarshal(data, (*plain)(c))
}

// MarshalJSON writes the object form, in order.
func (s Schema) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(f.Name)
		if err != nil {
			return nil, err
		}
		field, err := json.Marshal(f)
		if err != nil {
			return nil, fmt.Errorf("setting %q: %w", f.Name, err)
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(field)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads the object form, keeps its order, and checks it: every
// problem is a *SettingError.
func (s *Schema) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	open, err := dec.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('{') {
		return errors.New("settings: wanted an object from name to field")
	}
	var out Schema
	seen := map[string]bool{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		f := Field{Name: key.(string)}
		if seen[f.Name] {
			return &SettingError{f.Name, "is there twice"}
		}
		seen[f.Name] = true
		if err := dec.Decode(&f); err != nil {
			return &SettingError{f.Name, err.Error()}
		}
		if err := f.check(); err != nil {
			return err
		}
		if out = append(out, f); len(out) > maxFields {
			return &SettingError{f.Name, fmt.Sprintf("one field too many: the limit is %d", maxFields)}
		}
	}
	*s = out
	return nil
}

func (f *Field) check() error {
	if f.Name == "" || len(f.Name) > 128 {
		return &SettingError{f.Name, "a name has 1 to 128 bytes"}
	}
	switch f.Type {
	case FieldBoolean, FieldString, FieldText, FieldNumber, FieldSecret:
	case FieldSelect, FieldMultiselect:
		if len(f.Options) == 0 {
			return &SettingError{f.Name, f.Type + " needs options"}
		}
	default:
		return &SettingError{f.Name, fmt.Sprintf("type is %q, wanted boolean, string, text, number, select, multiselect or secret", f.Type)}
	}
	if len(f.Pattern) > maxPatternText {
		return &SettingError{f.Name, fmt.Sprintf("pattern is over %d bytes", maxPatternText)}
	}
	if _, err := f.pattern(); err != nil {
		return &SettingError{f.Name, "pattern: " + err.Error()}
	}
	if f.Default != nil {
		if f.Type == FieldSecret {
			return &SettingError{f.Name, "a secret has no default: a package is not a place for it"}
		}
		if err := f.Check(f.Default); err != nil {
			return &SettingError{f.Name, "default: " + err.(*SettingError).Why}
		}
	}
	return nil
}

// Field returns the field of that name, or nil.
func (s Schema) Field(name string) *Field {
	for i := range s {
		if s[i].Name == name {
			return &s[i]
		}
	}
	return nil
}

// Resolve lays stored values over the schema's defaults. A stored value that no
// longer fits its field gives way to the default; fields without either are
// left out, and so is whatever the schema does not name.
func (s Schema) Resolve(stored map[string]any) map[string]any {
	out := make(map[string]any, len(s))
	for i := range s {
		f := &s[i]
		if v, ok := stored[f.Name]; ok && f.Check(v) == nil {
			out[f.Name] = v
		} else if f.Default != nil {
			out[f.Name] = f.Default
		}
	}
	return out
}

// Check reports why v does not fit the field, as a *SettingError.
func (f *Field) Check(v any) error {
	refuse := func(format string, args ...any) error {
		return &SettingError{f.Name, fmt.Sprintf(format, args...)}
	}
	switch f.Type {
	case FieldBoolean:
		if _, ok := v.(bool); !ok {
			return refuse("found %s, wanted true or false", kind(v))
		}
	case FieldNumber:
		n, ok := v.(float64)
		switch {
		case !ok:
			return refuse("found %s, wanted a number", kind(v))
		case f.Min != nil && n < *f.Min:
			return refuse("%v is below %v", n, *f.Min)
		case f.Max != nil && n > *f.Max:
			return refuse("%v is above %v", n, *f.Max)
		}
	case FieldString, FieldText, FieldSecret:
		return f.checkText(v)
	case FieldSelect:
		text, ok := v.(string)
		if !ok || !f.offers(text) {
			return refuse("found %s, wanted one of %s", show(v), f.choices())
		}
	case FieldMultiselect:
		list, ok := v.([]any)
		if !ok {
			return refuse("found %s, wanted a list", kind(v))
		}
		for _, e := range list {
			if text, ok := e.(string); !ok || !f.offers(text) {
				return refuse("found %s, wanted some of %s", show(e), f.choices())
			}
		}
	}
	return nil
}

func (f *Field) checkText(v any) error {
	text, ok := v.(string)
	n := utf8.RuneCountInString(text)
	why := ""
	switch {
	case !ok:
		why = fmt.Sprintf("found %s, wanted text", kind(v))
	case len(text) > maxFieldText:
		why = fmt.Sprintf("is over %d bytes", maxFieldText)
	case f.Required && text == "":
		why = "is empty"
	case f.MinLength != nil && n < *f.MinLength:
		why = fmt.Sprintf("has %d characters, wanted at least %d", n, *f.MinLength)
	case f.MaxLength != nil && n > *f.MaxLength:
		why = fmt.Sprintf("has %d characters, wanted at most %d", n, *f.MaxLength)
	case !f.matches(text):
		why = "does not match " + f.Pattern
	default:
		return nil
	}
	return &SettingError{f.Name, why}
}

// pattern is the field's pattern for a whole value. It is compiled as it stands
// as well: in brackets, an open \Q would swallow the closing one.
func (f *Field) pattern() (*regexp.Regexp, error) {
	if _, err := regexp.Compile(f.Pattern); err != nil {
		return nil, err
	}
	return regexp.Compile(`^(?:` + f.Pattern + `)$`)
}

func (f *Field) matches(text string) bool {
	re, err := f.pattern()
	return err == nil && re.MatchString(text) || f.Pattern == ""
}

func (f *Field) offers(value string) bool {
	for _, c := range f.Options {
		if c.Value == value {
			return true
		}
	}
	return false
}

func (f *Field) choices() string {
	words := make([]string, len(f.Options))
	for i, c := range f.Options {
		words[i] = c.Value
	}
	return strings.Join(words, ", ")
}

func show(v any) string {
	if text, ok := v.(string); ok && len(text) < 64 {
		return fmt.Sprintf("%q", text)
	}
	return kind(v)
}

func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	case string:
		return "text"
	case []any:
		return "a list"
	default:
		return "an object"
	}
}
