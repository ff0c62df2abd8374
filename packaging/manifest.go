package packaging

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// Manifest is what a plugin says of itself (manifest.json). A value that came
// from ParseManifest obeys every rule of the format; one built by hand is only
// checked when it is read back.
type Manifest struct {
	Name         string // "name" or "@publisher/name"
	Version      string // semver
	DisplayName  string // shown to people; Name where the manifest has none
	Description  string
	Author       string
	License      string
	Homepage     string // http or https URL, or ""
	Keywords     []string
	Category     string
	Icon         string            // path of a file of the package, or ""
	Main         string            // entry file, default "index.js"
	Include      []string          // globs of files to carry besides what the entry imports
	Engines      string            // semver range of the plugin API ("engines.innkeeper"), or ""
	Dependencies map[string]string // name to semver range; the seed's array of names means "*"
	Permissions  []Permission
	Activation   []string // see ParseActivation

	raw json.RawMessage // as written: unknown fields are kept
}

// Permission is one entry of a manifest's permissions.
type Permission struct {
	Resource   string
	Actions    []string
	Reason     string   // shown when consent is asked
	Optional   bool     // the plugin loads without it
	Hosts      []string // network: the only hosts that may be fetched from
	Channels   []string // messages: the only channels, all of them when empty
	Roles      []string // messages: roles it may send as, "assistant" when empty
	FailClosed bool     // messages: its interceptor may refuse by failing
}

// DefaultMain is the entry file of a manifest without `main`.
const DefaultMain = "index.js"

// MarshalJSON writes the manifest in canonical JSON. Members that were read
// and not changed since are written as they were, unknown ones included; so
// reading and writing again gives the same content.
func (m *Manifest) MarshalJSON() ([]byte, error) {
	members := map[string]json.RawMessage{}
	written := &Manifest{Main: DefaultMain, DisplayName: m.Name}
	if m.raw != nil {
		if err := json.Unmarshal(m.raw, &members); err != nil {
			return nil, fmt.Errorf("write manifest %q: %w", m.Name, err)
		}
		was, _, err := ParseManifest(m.raw)
		if err != nil {
			return nil, fmt.Errorf("write manifest %q: %w", m.Name, err)
		}
		written = was
		if _, named := members["displayName"]; !named {
			written.DisplayName = m.Name // it follows a name that was changed
		}
	}
	for _, f := range m.fields(written) {
		if reflect.DeepEqual(f.now, f.was) || (isEmpty(f.now) && isEmpty(f.was)) {
			continue
		}
		if isEmpty(f.now) {
			delete(members, f.name)
			continue
		}
		value, err := json.Marshal(f.now)
		if err != nil {
			return nil, fmt.Errorf("write manifest %q: %s: %w", m.Name, f.name, err)
		}
		members[f.name] = value
	}
	if engines, err := m.writeEngines(members["engines"], written.Engines); err != nil {
		return nil, err
	} else if engines != nil {
		members["engines"] = engines
	}
	out, err := json.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("write manifest %q: %w", m.Name, err)
	}
	value := jsontext.Value(out)
	if err := value.Canonicalize(); err != nil {
		return nil, fmt.Errorf("write manifest %q: %w", m.Name, err)
	}
	return value, nil
}

// UnmarshalJSON reads a manifest as ParseManifest does and drops its warnings.
func (m *Manifest) UnmarshalJSON(data []byte) error {
	read, _, err := ParseManifest(data)
	if err != nil {
		return err
	}
	*m = *read
	return nil
}

// manifestField is one member of the written manifest, as it is now and as it
// was when it was read.
type manifestField struct {
	name     string
	now, was any
}

func (m *Manifest) fields(was *Manifest) []manifestField {
	return []manifestField{
		{"name", m.Name, was.Name},
		{"version", m.Version, was.Version},
		{"displayName", m.DisplayName, was.DisplayName},
		{"description", m.Description, was.Description},
		{"author", m.Author, was.Author},
		{"license", m.License, was.License},
		{"homepage", m.Homepage, was.Homepage},
		{"keywords", m.Keywords, was.Keywords},
		{"category", m.Category, was.Category},
		{"icon", m.Icon, was.Icon},
		{"main", m.Main, was.Main},
		{"include", m.Include, was.Include},
		{"dependencies", m.Dependencies, was.Dependencies},
		{"permissions", m.Permissions, was.Permissions},
		{"activation", m.Activation, was.Activation},
	}
}

// writeEngines sets engines.innkeeper beside whatever else stands in engines;
// nil means that nothing is to change.
func (m *Manifest) writeEngines(engines json.RawMessage, was string) (json.RawMessage, error) {
	if m.Engines == was {
		return nil, nil
	}
	members := map[string]json.RawMessage{}
	if engines != nil {
		if err := json.Unmarshal(engines, &members); err != nil {
			return nil, fmt.Errorf("write manifest %q: engines: %w", m.Name, err)
		}
	}
	delete(members, "innkeeper")
	if m.Engines != "" {
		value, err := json.Marshal(m.Engines)
		if err != nil {
			return nil, fmt.Errorf("write manifest %q: engines.innkeeper: %w", m.Name, err)
		}
		members["innkeeper"] = value
	}
	return json.Marshal(members)
}

func isEmpty(v any) bool {
	r := reflect.ValueOf(v)
	return !r.IsValid() || r.Kind() != reflect.Bool && (r.Kind() == reflect.String || r.Kind() == reflect.Slice || r.Kind() == reflect.Map) && r.Len() == 0
}

// MarshalJSON writes the permission as a manifest has it.
func (p Permission) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Resource   string   `json:"resource"`
		Actions    []string `json:"actions"`
		Reason     string   `json:"reason,omitempty"`
		Optional   bool     `json:"optional,omitempty"`
		Hosts      []string `json:"hosts,omitempty"`
		Channels   []string `json:"channels,omitempty"`
		Roles      []string `json:"roles,omitempty"`
		FailClosed bool     `json:"failClosed,omitempty"`
	}(p))
}
