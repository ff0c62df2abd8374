package packaging

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(ManifestSchema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("manifest.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("manifest.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// beyondSchema lists all that ParseManifest may refuse and the schema accepts:
// what a schema has no words for. Each is known by what was wanted.
var beyondSchema = []struct{ why, wanted string }{
	{"a range of versions has a grammar of its own", `or "*" (`},
	{"a glob has a grammar of its own", "(its brackets or braces do not close)"},
	{"an expression of RE2 has a grammar of its own", "a regular expression of RE2"},
	{"what an expression costs is known when it is read", "a cheaper expression"},
	{"a schema counts letters, not bytes", "an expression of at most 256 bytes"},
	{"a schema counts letters, not bytes", "bytes, of at most 1000)"},
}

func isBeyondSchema(err error) bool {
	var e *ManifestError
	if !errors.As(err, &e) || e.Full {
		return false
	}
	for _, p := range e.Problems {
		if !slices.ContainsFunc(beyondSchema, func(b struct{ why, wanted string }) bool { return strings.Contains(p.Wanted, b.wanted) }) {
			return false
		}
	}
	return true
}

// schemaAgrees holds one manifest against both.
func schemaAgrees(t interface {
	Helper()
	Fatalf(string, ...any)
}, schema *jsonschema.Schema, manifest map[string]any) (valid bool) {
	t.Helper()
	data, err := json.Marshal(manifest)
	if err != nil {
		t.Fatalf("%v", err)
	}
	_, _, parseErr := ParseManifest(data)
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v", err)
	}
	schemaErr := schema.Validate(tree)
	switch {
	case schemaErr != nil && parseErr == nil:
		t.Fatalf("%s\nis accepted, and the schema refuses it: %v", data, schemaErr)
	case schemaErr == nil && parseErr != nil && !isBeyondSchema(parseErr):
		t.Fatalf("%s\nis refused, and the schema accepts it: %v", data, parseErr)
	}
	return parseErr == nil
}

// manifestSamples are values for each field, good and bad ones.
var manifestSamples = map[string][]any{
	"name": {"karma", "a1", "@ann/karma", "@a1/b2", "a", "A1", "1a", "-a", "a-", "a--b", "search", "@search/ab", "@ann/latest", "@latest", "searchx", "xsearch", "@ann",
		"@ann/", "@/ab", "ann/karma", "@ann/b/c", "@a/bb", strings.Repeat("a", 64), strings.Repeat("a", 65), "@" + strings.Repeat("a", 64) + "/" + strings.Repeat("b", 64), "a b", "ä1", "", "ab\n", 1, nil},
	"version": {"1.0.0", "0.0.0", "1.2.3-beta.1", "1.2.3-0a", "1.2.3-01", "1.2.3-", "1.2.3+b.01", "1.2.3-a+b", "1.2.3+", "1.2.3-a..b", "01.2.3", "1.2", "v1.2.3", "1", "", " 1.2.3", "1.2.3 ",
		"999999999999999.0.0", "9999999999999999.0.0", "99999999999999999999.0.0", "1.0.0-" + strings.Repeat("a", 58), "1.0.0-" + strings.Repeat("a", 59), "1.0.0-99999999999999999999999", "1.0.0-é", 1, nil, []any{}},
	"displayName": {"Karma", "", "ü", 5, nil}, "description": {"", "x", true}, "author": {"a", map[string]any{"name": "x"}},
	"license": {"MIT", 2}, "category": {"fun", nil}, "$schema": {"x", 1},
	"homepage": {"https://x.example/a?b", "http://x", "", "https://", "javascript:alert(1)", "https://a b", "HTTPS://x", 7},
	"keywords": {[]any{}, []any{"a", "a"}, []any{1}, "a", nil},
	"icon":     pathSamples, "main": append(mainSamples(), pathSamples...),
	"include": {[]any{}, []any{"README.md", "assets/**"}, []any{"./a"}, []any{"../a"}, []any{"a/../b"}, []any{"/a"}, []any{"a//b"}, []any{"a/"}, []any{"."}, []any{"./."}, []any{"./"}, []any{".//a"}, []any{""}, []any{"a\\b"},
		[]any{"c:x"}, []any{"["}, []any{"{a,b}"}, []any{"{a"}, []any{"a/./b"}, []any{".env"}, []any{"..a"}, []any{"a\x00"}, []any{"..."}, []any{1}, "a"},
	"engines": {map[string]any{}, map[string]any{"innkeeper": "^1.0.0"}, map[string]any{"innkeeper": ""}, map[string]any{"innkeeper": "x y z"}, map[string]any{"innkeeper": 1}, map[string]any{"node": 1}, "^1", []any{}, nil},
	"dependencies": {[]any{}, []any{"karma"}, []any{"karma", "karma"}, []any{"search"}, []any{1}, map[string]any{}, map[string]any{"karma": "*"}, map[string]any{"@a1/b1": ">=1.0.0 <2.0.0 || ^3.1"}, map[string]any{"karma": ""},
		map[string]any{"karma": "latest"}, map[string]any{"karma": 1}, map[string]any{"Karma": "*"}, map[string]any{"karma": "*", "x": "nope!"}, map[string]any{"karma": strings.Repeat("1", 257)}, map[string]any{"karma": ">=1 <=2"}, map[string]any{"karma": " "}, "karma", nil},
	"activation": {[]any{}, []any{"startup"}, []any{"message:!w", "event:message:edited", "command:w"}, []any{"message:"}, []any{"message:/"}, []any{"message://"}, []any{"message:///"}, []any{"message:/a"}, []any{"message:/a/"}, []any{"message:/a/i"},
		[]any{"message:/(/"}, []any{"message:/(?=a)/"}, []any{"message:/(a{100}){9}/"}, []any{"message:/" + strings.Repeat("a", 256) + "/"}, []any{"message:/" + strings.Repeat("a", 257) + "/"}, []any{"message:/" + strings.Repeat("é", 129) + "/"},
		[]any{"message:" + strings.Repeat("p", 300)}, []any{"message:\n"}, []any{"message:/a\n/"}, []any{"event:"}, []any{"event: "}, []any{"command:"}, []any{"command:a b"}, []any{"command:/a"}, []any{"command:é"}, []any{"command:" + strings.Repeat("a", 65)},
		[]any{"Startup"}, []any{"startup:"}, []any{"message"}, []any{"event"}, []any{""}, []any{1}, "startup", nil, slices.Repeat([]any{"startup"}, 64), slices.Repeat([]any{"startup"}, 65)},
	"unknown": {1, nil, map[string]any{"a": []any{}}}, "permissions": {[]any{}, "x", nil, []any{1}, []any{[]any{}}, map[string]any{}},
}

var pathSamples = []any{"a.png", "./a.png", "src/a.ts", "../a.ts", "a/../b.ts", "/a.ts", "a//b.ts", "a/", "", ".", "./", "././a.ts", ".//a.ts", "..", "...", "a/...", "a/. /b.ts", " ", " /a.ts", ". /a.ts", ".a.ts", "..a.ts", "a .ts", "a. ", "a\\b.ts", "c:a.ts", "a\x00.ts",
	"con", "CON.ts", "src/Nul.tar.ts", "con .ts", "console.ts", "com1.ts", "com¹.js", "COM.js", "com10.js", "lpt0", "conin$.js", "aux/a.js", "./prn.js", "a/aux", "é.js", "a\nb.js",
	strings.Repeat("a", 997) + ".js", strings.Repeat("a", 998) + ".js", "./" + strings.Repeat("a", 997) + ".js", strings.Repeat("é", 600) + ".js", 1, nil}

func mainSamples() []any {
	return []any{"index.js", "a.mjs", "a.ts", "a.tsx", "a.jsx", "a.cjs", "a.json", "a", ".js", "a.js ", "a.JS", "a.d.ts"}
}

var permissionSamples = map[string][]any{
	"resource": {"app", "messages", "storage", "events", "ui", "settings", "commands", "schedule", "network", "users", "channels", "tools", "model", "http", "plugins",
		"provided:crm", "provided:C.r_m-2", "provided:", "provided:a:b", "provided:" + strings.Repeat("a", 65), "Messages", "mesages", "", 1, nil},
	"actions": {[]any{"read"}, []any{"read", "send"}, []any{"send", "read", "intercept", "history", "moderate"}, []any{"read", "write"}, []any{"listen"}, []any{"components", "menu", "prompt"}, []any{"register"}, []any{"fetch"}, []any{"register", "call"},
		[]any{"complete"}, []any{"serve"}, []any{"call"}, []any{}, []any{"read", "read"}, []any{"Read"}, []any{""}, []any{1}, []any{"a b"}, "read", nil},
	"reason": {"why", "", 1}, "optional": {true, false, 1, nil}, "failClosed": {true, false, "true"},
	"hosts":    {[]any{}, []any{"api.example.com", "*.example.com:8443"}, []any{"*"}, []any{"localhost"}, []any{"[::1]:80"}, []any{"[::ffff:1.2.3.4]"}, []any{"https://x"}, []any{"x/"}, []any{"X.com"}, []any{"a..b"}, []any{"-a"}, []any{"a-"}, []any{"*.*.a"}, []any{"a:"}, []any{"a:123456"}, []any{""}, []any{1}, "x"},
	"channels": {[]any{}, []any{"general"}, []any{""}, []any{1}, "general"},
	"roles":    {[]any{}, []any{"user", "system", "assistant"}, []any{"User"}, []any{"user", "user"}, []any{1}, "user"},
	"other":    {1},
}

func TestSchemaAndParseManifestAgreeOnEachValue(t *testing.T) {
	schema := compileSchema(t)
	valid, invalid := 0, 0
	check := func(m map[string]any) {
		if schemaAgrees(t, schema, m) {
			valid++
		} else {
			invalid++
		}
	}
	for field, samples := range manifestSamples {
		for _, sample := range samples {
			m := map[string]any{"name": "karma", "version": "1.0.0"}
			m[field] = sample
			check(m)
		}
	}
	for _, resource := range permissionSamples["resource"] {
		for _, actions := range permissionSamples["actions"] {
			check(map[string]any{"name": "karma", "version": "1.0.0", "permissions": []any{map[string]any{"resource": resource, "actions": actions}}})
		}
		for field, samples := range permissionSamples {
			for _, sample := range samples {
				action := "read"
				if name, ok := resource.(string); ok && actionsOf(name) != nil {
					action = actionsOf(name)[0]
				}
				p := map[string]any{"resource": resource, "actions": []any{action}}
				p[field] = sample
				check(map[string]any{"name": "karma", "version": "1.0.0", "permissions": []any{p}})
			}
		}
	}
	for _, missing := range []string{"name", "version"} {
		m := map[string]any{"name": "karma", "version": "1.0.0"}
		delete(m, missing)
		check(m)
	}
	for _, missing := range []string{"resource", "actions"} {
		p := map[string]any{"resource": "app", "actions": []any{"read"}}
		delete(p, missing)
		check(map[string]any{"name": "karma", "version": "1.0.0", "permissions": []any{p}})
	}
	if valid < 150 || invalid < 150 {
		t.Errorf("%d valid and %d invalid manifests: the samples are one-sided", valid, invalid)
	}
	t.Logf("%d valid, %d invalid", valid, invalid)
}

func TestSchemaAndParseManifestAgreeOnAnyMixture(t *testing.T) {
	schema := compileSchema(t)
	fields, permissionFields := sortedKeysOf(manifestSamples), sortedKeysOf(permissionSamples)
	rapid.Check(t, func(t *rapid.T) {
		m := map[string]any{"name": "karma", "version": "1.0.0"}
		for _, f := range rapid.SliceOfN(rapid.SampledFrom(fields), 0, 4).Draw(t, "fields") {
			m[f] = rapid.SampledFrom(manifestSamples[f]).Draw(t, f)
		}
		if rapid.Bool().Draw(t, "with permissions") {
			var list []any
			for range rapid.IntRange(0, 3).Draw(t, "permissions") {
				p := map[string]any{}
				for _, f := range append([]string{"resource", "actions"}, rapid.SliceOfN(rapid.SampledFrom(permissionFields), 0, 3).Draw(t, "permission fields")...) {
					p[f] = rapid.SampledFrom(permissionSamples[f]).Draw(t, f)
				}
				list = append(list, p)
			}
			m["permissions"] = list
		}
		schemaAgrees(t, schema, m)
	})
}

func TestSchemaAndParseManifestAgreeOnAnyText(t *testing.T) {
	schema := compileSchema(t)
	alphabet := rapid.StringOfN(rapid.RuneFrom([]rune("aAz09-_./:@*^~<>=|,+ \\\"é\n$[]{}()?conulmessagvtrp¹")), 0, 24, -1)
	rapid.Check(t, func(t *rapid.T) {
		m := map[string]any{"name": "karma", "version": "1.0.0"}
		s := alphabet.Draw(t, "text")
		switch field := rapid.SampledFrom([]string{"name", "version", "homepage", "icon", "main", "include", "range", "message", "activation", "host", "provided"}).Draw(t, "field"); field {
		case "main":
			m[field] = s + ".js"
		case "include":
			m[field] = []any{s}
		case "range":
			m["dependencies"] = map[string]any{"other": s}
		case "message":
			m["activation"] = []any{"message:" + s}
		case "activation":
			m["activation"] = []any{"command:" + s, s}
		case "host":
			m["permissions"] = []any{map[string]any{"resource": "network", "actions": []any{"fetch"}, "hosts": []any{s}}}
		case "provided":
			m["permissions"] = []any{map[string]any{"resource": "provided:" + s, "actions": []any{s}}}
		default:
			m[field] = s
		}
		schemaAgrees(t, schema, m)
	})
}

// The schema repeats the catalogue, so that editors can offer it.
func TestSchemaOffersTheWholeCatalogue(t *testing.T) {
	var schema struct {
		Defs struct {
			Permission struct {
				Properties struct {
					Resource struct {
						AnyOf []struct{ Enum []string }
					}
					Roles struct {
						Items struct{ Enum []string }
					}
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(ManifestSchema, &schema); err != nil {
		t.Fatal(err)
	}
	if got := schema.Defs.Permission.Properties.Resource.AnyOf[0].Enum; !slices.Equal(got, knownResources()) {
		t.Errorf("the schema offers %q; the catalogue has %q", got, knownResources())
	}
	if got := schema.Defs.Permission.Properties.Roles.Items.Enum; !slices.Equal(got, messageRoles) {
		t.Errorf("the schema offers the roles %q; there are %q", got, messageRoles)
	}
	validator := compileSchema(t)
	for _, a := range Abilities() {
		schemaAgrees(t, validator, map[string]any{"name": "karma", "version": "1.0.0", "permissions": []any{map[string]any{"resource": a.Resource, "actions": []any{a.Action}}}})
	}
}

// Who edits a manifest reads the descriptions, so each field has one.
func TestSchemaDescribesEveryField(t *testing.T) {
	var schema struct {
		Properties map[string]struct{ Description string }
		Defs       struct {
			Permission struct {
				Properties map[string]struct{ Description string }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(ManifestSchema, &schema); err != nil {
		t.Fatal(err)
	}
	for _, place := range []struct {
		known     []string
		described map[string]struct{ Description string }
	}{{manifestFields, schema.Properties}, {permissionFields, schema.Defs.Permission.Properties}} {
		if len(place.known) != len(place.described) {
			t.Errorf("the schema has %d fields; ParseManifest knows %d", len(place.described), len(place.known))
		}
		for _, field := range place.known {
			if place.described[field].Description == "" {
				t.Errorf("the schema says nothing of %q", field)
			}
		}
	}
}

func sortedKeysOf(m map[string][]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
