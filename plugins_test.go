package innkeeper_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper/packaging"
)

// files are a plugin: its manifest and its code, by path.
type files map[string]string

// plugin makes one of a name, a version, the permissions that it asks for
// ("messages:read,send storage:read"), and the body of its initialize, where
// api, storage, events, context, say and log are at hand. say sends to the
// channel "out"; log writes a line that house.lines returns.
func plugin(name, permissions, body string) files {
	return entry(name, permissions, `
const log = (...x) => console.log(x.map(v => typeof v === "string" ? v : JSON.stringify(v) ?? String(v)).join(" "));
export default {
  async initialize(context) {
    const { api, storage, events } = context;
    const say = (x) => api.sendMessage({ channel: "out", content: typeof x === "string" ? x : JSON.stringify(x) ?? String(x) });
    this.stop = () => {};
    `+body+`
  },
  destroy() { return this.stop(); },
};
`)
}

// entry is a plugin whose entry is given whole.
func entry(name, permissions, code string) files {
	list := []map[string]any{}
	for _, p := range strings.Fields(permissions) {
		resource, actions, _ := strings.Cut(p, ":")
		list = append(list, map[string]any{"resource": resource, "actions": strings.Split(actions, ",")})
	}
	return files{"manifest.json": manifest(map[string]any{"name": name, "version": "1.0.0", "main": "index.ts", "permissions": list}), "index.ts": code}
}

// with changes fields of the manifest.
func (f files) with(field string, value any) files {
	var m map[string]any
	if err := json.Unmarshal([]byte(f["manifest.json"]), &m); err != nil {
		panic(err)
	}
	m[field] = value
	return files{"manifest.json": manifest(m), "index.ts": f["index.ts"]}
}

// narrowed replaces the permissions by ones with constraints.
func (f files) narrowed(permissions ...map[string]any) files {
	return f.with("permissions", permissions)
}

func manifest(m map[string]any) string {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (f files) pkg(t testing.TB) *packaging.Package {
	t.Helper()
	m, _, err := packaging.ParseManifest([]byte(f["manifest.json"]))
	if err != nil {
		t.Fatal(err)
	}
	return &packaging.Package{Manifest: m, Files: map[string][]byte{"index.ts": []byte(f["index.ts"])}}
}

// folder writes the plugin to a folder, for Load, Install and Reload.
func (f files) folder(t testing.TB, dir string) string {
	t.Helper()
	for path, text := range f {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
