package packaging

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
)

// ParseManifest reads a manifest.json. All problems are reported at once, in a
// *ManifestError; a warning is something that is allowed and probably not
// meant, such as a field that nobody knows. A byte order mark is skipped.
func ParseManifest(data []byte) (*Manifest, []Warning, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	tree, problem := readManifestTree(data)
	if problem != nil {
		return nil, nil, &ManifestError{Problems: []Problem{*problem}}
	}
	c := &manifestCheck{}
	m := c.manifest(tree)
	if len(c.problems) > 0 {
		return nil, c.warnings, &ManifestError{Problems: c.problems, Full: c.full()}
	}
	m.raw = bytes.Clone(bytes.TrimSpace(data))
	return m, c.warnings, nil
}

// readManifestTree is the part of reading that JSON itself asks for.
func readManifestTree(data []byte) (map[string]any, *Problem) {
	if len(data) > maxManifestBytes {
		return nil, &Problem{Found: fmt.Sprintf("%d bytes", len(data)), Wanted: fmt.Sprintf("at most %d", maxManifestBytes)}
	}
	dec := newDecoder(data)
	raw, err := readRaw(dec, data, maxManifestDepth)
	if err == nil {
		err = endOfJSON(dec)
	}
	if err == errDepth {
		return nil, &Problem{Found: "JSON that nests too deep", Wanted: fmt.Sprintf("at most %d levels", maxManifestDepth)}
	}
	if err != nil {
		return nil, &Problem{Found: describeJSONError(data, err), Wanted: "one JSON object"}
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil { // a number that no double holds
		return nil, &Problem{Found: "JSON that cannot be held: " + printable(err.Error()), Wanted: "one JSON object"}
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return nil, &Problem{Found: jsonKind(tree), Wanted: "one JSON object"}
	}
	return object, nil
}

// manifestCheck gathers all that is wrong and odd on one walk over a manifest.
type manifestCheck struct {
	problems []Problem
	warnings []Warning
}

// full reports that no further problem is looked for.
func (c *manifestCheck) full() bool { return len(c.problems) >= maxProblems }

func (c *manifestCheck) add(p Problem) {
	if !c.full() {
		c.problems = append(c.problems, p)
	}
}

func (c *manifestCheck) wrong(field string, found any, wanted string) {
	text, isText := found.(string)
	if isText {
		text = clip(text)
	} else {
		text = jsonKind(found)
	}
	c.add(Problem{Field: field, Found: text, Wanted: wanted})
}

func (c *manifestCheck) missing(field, wanted string) {
	c.add(Problem{Field: field, Found: "nothing", Wanted: wanted})
}

func (c *manifestCheck) warn(field, message string) {
	if len(c.warnings) < maxWarnings {
		c.warnings = append(c.warnings, Warning{Field: field, Message: message})
	}
}

// unknown warns of members that nobody reads.
func (c *manifestCheck) unknown(prefix string, object map[string]any, known []string) {
	for _, key := range sortedKeys(object) {
		if len(c.warnings) == maxWarnings {
			return
		}
		if slices.Contains(known, key) {
			continue
		}
		message := "unknown field, kept and not used"
		if near := nearest(key, known); near != "" {
			message += fmt.Sprintf("; did you mean %q?", near)
		}
		c.warn(prefix+clipKey(key), message)
	}
}

// text reads an optional string; check says what was wanted, or "".
func (c *manifestCheck) text(object map[string]any, prefix, key string, check func(string) string) string {
	v, present := object[key]
	if !present {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		c.wrong(prefix+key, v, "a text")
		return ""
	}
	if check != nil {
		if wanted := check(s); wanted != "" {
			c.wrong(prefix+key, s, wanted)
		}
	}
	return s
}

func (c *manifestCheck) flag(object map[string]any, prefix, key string) bool {
	v, present := object[key]
	b, ok := v.(bool)
	if present && !ok {
		c.wrong(prefix+key, v, "true or false")
	}
	return b
}

// texts reads an optional array of strings.
func (c *manifestCheck) texts(object map[string]any, prefix, key string, check func(string) string) []string {
	v, present := object[key]
	if !present {
		return nil
	}
	array, ok := v.([]any)
	if !ok {
		c.wrong(prefix+key, v, "an array of texts")
		return nil
	}
	out := make([]string, 0, len(array))
	for i, item := range array {
		if c.full() {
			break
		}
		field := fmt.Sprintf("%s%s[%d]", prefix, key, i)
		s, ok := item.(string)
		if !ok {
			c.wrong(field, item, "a text")
			continue
		}
		if check != nil {
			if wanted := check(s); wanted != "" {
				c.wrong(field, s, wanted)
			}
		}
		out = append(out, s)
	}
	return out
}

var manifestFields = []string{
	"$schema", "name", "version", "displayName", "description", "author", "license", "homepage", "keywords",
	"category", "icon", "main", "include", "engines", "dependencies", "permissions", "activation",
}

func (c *manifestCheck) manifest(t map[string]any) *Manifest {
	c.unknown("", t, manifestFields)
	c.text(t, "", "$schema", nil)
	m := &Manifest{
		Name:        c.text(t, "", "name", wrongName),
		Version:     c.text(t, "", "version", wrongVersion),
		DisplayName: c.text(t, "", "displayName", nil),
		Description: c.text(t, "", "description", nil),
		Author:      c.text(t, "", "author", nil),
		License:     c.text(t, "", "license", nil),
		Homepage:    c.text(t, "", "homepage", wrongHomepage),
		Keywords:    c.texts(t, "", "keywords", nil),
		Category:    c.text(t, "", "category", nil),
		Icon:        cleanPath(c.text(t, "", "icon", wrongPath)),
		Main:        cleanPath(c.text(t, "", "main", wrongMain)),
		Include:     c.texts(t, "", "include", wrongGlob),
	}
	if _, ok := t["name"]; !ok {
		c.missing("name", wantedName)
	}
	if _, ok := t["version"]; !ok {
		c.missing("version", `a semantic version, such as "1.0.0"`)
	}
	if m.DisplayName == "" {
		m.DisplayName = m.Name
	}
	if m.Main == "" {
		m.Main = DefaultMain
	}
	for i, glob := range m.Include {
		m.Include[i] = cleanPath(glob)
	}
	m.Engines = c.engines(t)
	m.Dependencies = c.dependencies(t)
	m.Permissions = c.permissions(t)
	m.Activation = c.texts(t, "", "activation", wrongActivation)
	if len(m.Activation) > maxActivation {
		c.add(Problem{"activation", fmt.Sprintf("%d words", len(m.Activation)), fmt.Sprintf("at most %d", maxActivation)})
	}
	c.oddActivation(m.Activation)
	return m
}

func (c *manifestCheck) engines(t map[string]any) string {
	v, present := t["engines"]
	if !present {
		return ""
	}
	engines, ok := v.(map[string]any)
	if !ok {
		c.wrong("engines", v, `an object such as {"innkeeper": "^1.0.0"}`)
		return ""
	}
	c.unknown("engines.", engines, []string{"innkeeper"})
	return c.text(engines, "engines.", "innkeeper", wrongRange)
}

// dependencies reads the seed's array of names or an object of ranges.
func (c *manifestCheck) dependencies(t map[string]any) map[string]string {
	v, present := t["dependencies"]
	if !present {
		return nil
	}
	if _, ok := v.([]any); ok {
		out := map[string]string{}
		for i, name := range c.texts(t, "", "dependencies", wrongName) {
			if _, twice := out[name]; twice {
				c.wrong(fmt.Sprintf("dependencies[%d]", i), name, "each name once")
			}
			out[name] = "*"
		}
		return out
	}
	object, ok := v.(map[string]any)
	if !ok {
		c.wrong("dependencies", v, "an array of names, or an object from name to range of versions")
		return nil
	}
	out := make(map[string]string, len(object))
	for _, name := range sortedKeys(object) {
		if c.full() {
			break
		}
		if wanted := wrongName(name); wanted != "" {
			c.add(Problem{Field: "dependencies", Found: "the name " + clip(name), Wanted: wanted})
			continue
		}
		out[name] = c.text(object, "dependencies.", name, wrongRange)
	}
	return out
}

func sortedKeys(object map[string]any) []string {
	keys := make([]string, 0, len(object))
	for k := range object {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
