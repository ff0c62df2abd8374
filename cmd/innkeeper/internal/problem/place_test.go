package problem

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper/packaging"
)

func TestEveryFieldIsFoundWhereItStands(t *testing.T) {
	data := "\xef\xbb\xbf{\n  \"name\": \"x\",\n  \"permissions\": [\n\t{ \"actions\": [\"a\", \"b\"] }\n  ]\n}\n"
	fields := locate([]byte(data))
	for field, want := range map[string]string{
		"":                          "{\n",
		"name":                      `"x"`,
		"permissions":               `[`,
		"permissions[0]":            `{ "actions"`,
		"permissions[0].actions":    `["a"`,
		"permissions[0].actions[1]": `"b"`,
	} {
		at, ok := fields[field]
		if !ok || !strings.HasPrefix(data[at.value:], want) {
			t.Errorf("%s: found %v %q, wanted %q", field, ok, data[at.value:], want)
		}
	}
	if at := fields["permissions"]; !strings.HasPrefix(data[at.key:], `"permissions"`) {
		t.Errorf("the key of permissions: %q", data[at.key:])
	}
}

func TestAManifestsProblemNamesLineAndColumn(t *testing.T) {
	for _, c := range []struct{ name, manifest, want string }{
		{"wrong action", "{\"name\":\"ab\",\"version\":\"1.0.0\",\n \"permissions\":[{\"resource\":\"messages\",\"actions\":[\"sned\"]}]}", "manifest.json:2:51: permissions[0].actions[0]"},
		{"missing version", "{\n \"name\":\"ab\"}", "manifest.json:1:1: version: found nothing"},
		{"missing resource", "{\"name\":\"ab\",\"version\":\"1.0.0\",\n \"permissions\":[\n  {\"actions\":[]}]}", "manifest.json:3:3: permissions[0].resource"},
		{"a comma too many", "{\n \"name\":\"ab\",\n}", "manifest.json:2:13: found broken JSON"},
		{"cut off", "{\n \"name\"", "manifest.json:2:8: found JSON that ends too early"},
		{"a key twice", "{\n \"name\":\"ab\",\n \"name\":\"ab\"}", "manifest.json:3:2: found the key \"name\" twice"},
		{"nothing", "", "manifest.json:1:1: found JSON that ends too early"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(c.manifest), 0o600); err != nil {
				t.Fatal(err)
			}
			_, _, err := packaging.ParseManifest([]byte(c.manifest))
			if err == nil {
				t.Fatal("the manifest is accepted")
			}
			var all []string
			for _, p := range Of(dir, err) {
				all = append(all, p.String())
			}
			if text := strings.Join(all, "\n"); !strings.Contains(text, c.want) {
				t.Errorf("found\n%s\nwanted %s", text, c.want)
			}
		})
	}
}

func FuzzLocate(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"c"}],"d":null}`), 5)
	f.Add([]byte("\xef\xbb\xbf{"), 0)
	f.Add([]byte("[[[[\xff"), 3)
	f.Fuzz(func(t *testing.T, data []byte, offset int) {
		for field, at := range locate(data) {
			if at.key < 0 || at.key > len(data) || at.value < 0 || at.value > len(data) {
				t.Fatalf("%q is at %v of %d bytes", field, at, len(data))
			}
		}
		_, _, text, mark := frame(data, offset)
		if mark < 0 || mark > len(text) {
			t.Fatalf("mark %d in %q", mark, text)
		}
	})
}
