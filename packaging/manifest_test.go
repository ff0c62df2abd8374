package packaging

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestParseManifestReadsEveryField(t *testing.T) {
	got, warnings, err := ParseManifest([]byte("\xef\xbb\xbf" + `{
		"$schema": "https://x.example", "name": "@ann/karma", "version": "1.2.3-beta.1+b", "displayName": "Karma", "description": "Points", "author": "Ann",
		"license": "MIT", "homepage": "https://ann.example", "keywords": ["fun"], "category": "games", "icon": "./icon.png", "main": "./src/index.tsx",
		"include": ["README.md", "./assets/**"], "engines": {"innkeeper": "^1.0.0"}, "dependencies": {"points": ">=1.0.0 <2.0.0"},
		"permissions": [
			{"resource": "messages", "actions": ["read", "send", "intercept"], "reason": "to answer", "optional": true, "channels": ["general"], "roles": ["user"], "failClosed": true},
			{"resource": "network", "actions": ["fetch"], "hosts": ["api.example.com"]},
			{"resource": "provided:crm", "actions": ["lookUp"]}],
		"activation": ["message:!karma", "event:plugin:points:given", "command:karma", "startup"]}`))
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	want := &Manifest{
		Name: "@ann/karma", Version: "1.2.3-beta.1+b", DisplayName: "Karma", Description: "Points", Author: "Ann", License: "MIT", Homepage: "https://ann.example",
		Keywords: []string{"fun"}, Category: "games", Icon: "icon.png", Main: "src/index.tsx", Include: []string{"README.md", "assets/**"}, Engines: "^1.0.0",
		Dependencies: map[string]string{"points": ">=1.0.0 <2.0.0"},
		Permissions: []Permission{
			{Resource: "messages", Actions: []string{"read", "send", "intercept"}, Reason: "to answer", Optional: true, Channels: []string{"general"}, Roles: []string{"user"}, FailClosed: true},
			{Resource: "network", Actions: []string{"fetch"}, Hosts: []string{"api.example.com"}},
			{Resource: "provided:crm", Actions: []string{"lookUp"}},
		},
		Activation: []string{"message:!karma", "event:plugin:points:given", "command:karma", "startup"},
	}
	got.raw = nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
}

func TestParseManifestFillsDefaults(t *testing.T) {
	m, _, err := ParseManifest([]byte(`{"name": "karma", "version": "1.0.0", "dependencies": ["points", "@ann/tools"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if m.Main != "index.js" || m.DisplayName != "karma" || !reflect.DeepEqual(m.Dependencies, map[string]string{"points": "*", "@ann/tools": "*"}) {
		t.Errorf("read %+v", m)
	}
}

func TestParseManifestReportsAllProblemsAtOnce(t *testing.T) {
	_, _, err := ParseManifest([]byte(`{"name": "search", "version": "1.0", "displayName": 5, "main": "index.py", "dependencies": {"a": "*", "points": 1},
		"permissions": [{"resource": "mesages", "actions": ["read"]}, {"resource": "messages", "actions": ["read", "sned"], "hosts": []}, {"actions": []}],
		"activation": ["mesage:x", "message:/(/"]}`))
	var e *ManifestError
	if !errors.As(err, &e) {
		t.Fatalf("%v; want a *ManifestError", err)
	}
	want := []struct{ field, found, wanted string }{
		{"name", `"search"`, "reserved"},
		{"version", `"1.0"`, "semantic version"},
		{"displayName", "the number 5", "a text"},
		{"main", `"index.py"`, ".js, .mjs, .ts, .tsx or .jsx"},
		{"dependencies", `the name "a"`, "a name or @publisher/name"},
		{"dependencies.points", "the number 1", "a text"},
		{"permissions[0].resource", `"mesages"`, `did you mean "messages"?`},
		{"permissions[1].actions[1]", `"sned"`, `did you mean "send"?`},
		{"permissions[1].hosts", "an empty array", "hosts belongs to network, not to messages"},
		{"permissions[2].resource", "nothing", `one of "app"`},
		{"permissions[2].actions", "an empty array", "at least one action"},
		{"activation[0]", `"mesage:x"`, `did you mean "message"?`},
		{"activation[1]", `"message:/(/"`, "RE2"},
	}
	for i, p := range e.Problems {
		if i >= len(want) {
			t.Errorf("a further problem: %v", p)
		} else if w := want[i]; p.Field != w.field || p.Found != w.found || !strings.Contains(p.Wanted, w.wanted) {
			t.Errorf("problem %d is {%s}; want %s, found %s, wanted …%s…", i, p, w.field, w.found, w.wanted)
		}
	}
	if len(e.Problems) < len(want) {
		t.Errorf("%d problems; want %d", len(e.Problems), len(want))
	}
	if !strings.HasPrefix(err.Error(), "Invalid manifest, 13 problems:\n  name: found \"search\", wanted") {
		t.Errorf("error %q", err)
	}
}

func TestParseManifestBoundsItsErrorAndItsWarnings(t *testing.T) {
	many := func(item string, n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(item, i))
		}
		return strings.Join(list, ",")
	}
	for name, rest := range map[string]string{
		"wrong keywords":    `"keywords":[` + many("%d", 30_000) + `]`,
		"unknown actions":   `"permissions":[{"resource":"messages","actions":[` + many(`"sned%d"`, 20_000) + `]}]`,
		"actions":           `"permissions":[{"resource":"provided:x","actions":[` + many(`"a%d"`, 25_000) + `,"a1"]}]`,
		"wrong permissions": `"permissions":[` + strings.Repeat("{},", 50_000) + `{}]`,
		"wrong names":       `"dependencies":{` + many(`"%d":"*"`, 20_000) + `}`,
		"unknown fields":    many(`"nam%d":0`, 20_000) + `,"main":5`,
	} {
		_, warnings, err := ParseManifest([]byte(`{"name":"karma","version":"1.0.0",` + rest + `}`))
		var e *ManifestError
		if !errors.As(err, &e) || len(e.Problems) > maxProblems || len(warnings) > maxWarnings || len(err.Error()) > 16<<10 {
			t.Errorf("%s: %d warnings, %.200v", name, len(warnings), err)
			continue
		}
		if full := len(e.Problems) == maxProblems; e.Full != full || strings.Contains(err.Error(), "and perhaps more") != full {
			t.Errorf("%s: %d problems, full: %v", name, len(e.Problems), e.Full)
		}
	}
}

func TestParseManifestWarnsOfWhatIsProbablyNotMeant(t *testing.T) {
	_, warnings, err := ParseManifest([]byte(`{"name": "karma", "version": "1.0.0", "mian": "x", "zzzzzzzz": 1, "engines": {"node": ">=20", "inkeeper": "^1"},
		"permissions": [{"resource": "messages", "actions": ["read"], "raeson": "x", "failClosed": true, "roles": ["user"]}, {"resource": "network", "actions": ["fetch"]}],
		"activation": ["message:/hello/i"]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`mian: unknown field, kept and not used; did you mean "main"?`,
		`zzzzzzzz: unknown field, kept and not used`,
		`engines.inkeeper: unknown field, kept and not used; did you mean "innkeeper"?`,
		`engines.node: unknown field, kept and not used`,
		`permissions[0].raeson: unknown field, kept and not used; did you mean "reason"?`,
		`permissions[0].failClosed: does nothing without the action "intercept"`,
		`permissions[0].roles: does nothing without the action "send"`,
		`permissions[1].hosts: missing: without it no host can be fetched from`,
		`activation[0]: is taken as a prefix; flags of an expression are written inside, as in message:/(?i)hello/`,
	}
	var got []string
	for _, w := range warnings {
		got = append(got, w.String())
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("warnings\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestParseManifestRefusesBrokenJSON(t *testing.T) {
	for _, s := range brokenJSON {
		if _, _, err := ParseManifest([]byte(s)); err == nil {
			t.Errorf("%.60q was accepted", s)
		}
	}
	_, _, err := ParseManifest([]byte("{\n  \"name\": \"karma\",\n  \"name\": \"karma\"\n}"))
	if err == nil || !strings.Contains(err.Error(), `the key "name" twice at line 3`) {
		t.Errorf("%v; want one that says where", err)
	}
	_, _, err = ParseManifest([]byte("{\n  \"name\": karma\n}"))
	if err == nil || !strings.Contains(err.Error(), `at line 2, column 11`) {
		t.Errorf("%v; want one that says where", err)
	}
	_, _, err = ParseManifest([]byte(`{"name":"karma","version":"1.0.0","x":"` + strings.Repeat("x", maxManifestBytes) + `"}`))
	if err == nil || !strings.Contains(err.Error(), "at most 262144") {
		t.Errorf("%v; want a refusal by size", err)
	}
}

func TestMarshalKeepsWhatNobodyChanged(t *testing.T) {
	written := `{"activation":[],"dependencies":["points"],"description":"","engines":{"innkeeper":"^1.0.0","node":">=20"},"main":"./index.js","name":"karma","odd":{"b":[1,null]},"permissions":[{"actions":["read"],"odd":1,"optional":false,"resource":"app"}],"version":"1.0.0"}`
	m, _, err := ParseManifest([]byte(written))
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.MarshalJSON()
	if err != nil || string(got) != written {
		t.Errorf("written %s, %v\nwant    %s", got, err, written)
	}
}

func TestMarshalWritesWhatWasChangedAndKeepsTheRest(t *testing.T) {
	m, _, err := ParseManifest([]byte(`{"name":"karma","version":"1.0.0","odd":1,"engines":{"node":">=20"},"description":"x","dependencies":["points"],"main":"a.ts"}`))
	if err != nil {
		t.Fatal(err)
	}
	m.Name, m.Version, m.Engines, m.Description = "charma", "1.0.1", "^1.0.0", ""
	m.Dependencies["tools"] = "^2.0.0"
	m.Permissions = []Permission{{Resource: "app", Actions: []string{"read"}}}
	m.DisplayName = "charma"
	got, err := m.MarshalJSON()
	want := `{"dependencies":{"points":"*","tools":"^2.0.0"},"engines":{"innkeeper":"^1.0.0","node":">=20"},"main":"a.ts","name":"charma","odd":1,"permissions":[{"actions":["read"],"resource":"app"}],"version":"1.0.1"}`
	if err != nil || string(got) != want {
		t.Errorf("written %s, %v\nwant    %s", got, err, want)
	}
}

func TestMarshalOfAManifestMadeByHandCanBeRead(t *testing.T) {
	m := &Manifest{Name: "karma", Version: "1.0.0", DisplayName: "Karma", Main: "index.ts", Engines: "^1.0.0", Include: []string{"a"}, Keywords: []string{"<b>"}}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var again Manifest
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	again.raw = nil
	if !reflect.DeepEqual(m, &again) {
		t.Errorf("%+v became %+v", m, &again)
	}
	if err := json.Unmarshal([]byte(`{"name":5}`), &again); err == nil {
		t.Error("a wrong manifest was accepted")
	}
}

func TestCheckEnginesHoldsTheRangeAgainstThePluginAPI(t *testing.T) {
	for engines, ok := range map[string]bool{"": true, "^1.0.0": true, ">=0.9 <2": true, "1.x": true, "*": true, "^2.0.0": false, "<1.0.0": false} {
		err := CheckEngines(&Manifest{Name: "karma", Engines: engines})
		var e *EngineError
		if (err == nil) != ok || err != nil && (!errors.As(err, &e) || e.Have != PluginAPI || e.Wanted != engines) {
			t.Errorf("engines %q: %v", engines, err)
		}
	}
	if err := CheckEngines(&Manifest{Name: "karma", Engines: "what?"}); err == nil {
		t.Error("a range that cannot be read was accepted")
	}
}
