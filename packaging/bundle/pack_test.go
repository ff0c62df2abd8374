package bundle_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

const manifest = `{"name":"probe","version":"1.0.0","main":"src/index.ts"}`

// folder writes files below a fresh folder; a text that begins with "-> " is a
// link.
func folder(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if to, ok := strings.CutPrefix(texts[name], "-> "); ok {
			if err = os.Symlink(filepath.FromSlash(to), p); err != nil && runtime.GOOS == "windows" {
				t.Skipf("links cannot be made here: %v", err)
			}
		} else {
			err = os.WriteFile(p, []byte(texts[name]), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// packed packs a folder, takes the folder away, and gives the package as it
// comes back from its bytes.
func packed(t *testing.T, dir, sub string) *packaging.Package {
	t.Helper()
	p, _, err := bundle.Pack(filepath.Join(dir, sub), bundle.PackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := bundle.Pack(filepath.Join(dir, sub), bundle.PackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if other, _ := again.Encode(); string(other) != string(data) {
		t.Error("packing twice gives other bytes")
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	return p
}

func names(p *packaging.Package) string {
	return strings.Join(slices.Sorted(maps.Keys(p.Files)), " ")
}

func TestPackCarriesWhatIsImportedAndNothingElse(t *testing.T) {
	p := packed(t, folder(t, map[string]string{
		"manifest.json":                   manifest,
		"README.md":                       "not asked for",
		".env":                            "SECRET=1",
		"package.json":                    `{"name":"probe","imports":{"#x":"./src/x.ts"}}`,
		"src/index.ts":                    `import { a } from "./a"; import { used } from "dep"; import x from "#x"; import type { T } from "./types"; import text from "./t.txt"; export default [a, used, x, text].join()`,
		"src/a.ts":                        `export const a = "a"`,
		"src/x.ts":                        `export default "x"`,
		"src/t.txt":                       "t",
		"src/types.ts":                    `export type T = 1`,
		"src/unused.ts":                   `export const a = "a"`,
		"node_modules/dep/package.json":   `{"name":"dep","main":"./lib"}`,
		"node_modules/dep/lib/index.js":   `exports.used = require("./used"); `,
		"node_modules/dep/lib/used.js":    `module.exports = "used"`,
		"node_modules/dep/lib/unused.js":  `module.exports = "unused"`,
		"node_modules/dep/README.md":      "not asked for",
		"node_modules/other/package.json": `{"name":"other"}`,
	}), "")
	if got, want := names(p), "node_modules/dep/lib/index.js node_modules/dep/lib/used.js node_modules/dep/package.json package.json src/a.ts src/index.ts src/t.txt src/x.ts"; got != want {
		t.Errorf("it carries\n%s, want\n%s", got, want)
	}
	if got := answer(t, p); got != "a,used,x,t" {
		t.Errorf("got %s", got)
	}
	if p.Manifest.Engines != "^"+packaging.PluginAPI {
		t.Errorf("engines is %q", p.Manifest.Engines)
	}
}

func TestPackKeepsVersionsApart(t *testing.T) {
	p := packed(t, folder(t, map[string]string{
		"manifest.json":                              manifest,
		"src/index.ts":                               `import a from "a"; import b from "b"; import c from "c"; export default [a, b, c].join(" ")`,
		"node_modules/a/index.js":                    `module.exports = "a" + require("c")`,
		"node_modules/a/node_modules/c/index.js":     `module.exports = "c1" + require("d")`,
		"node_modules/a/node_modules/d/package.json": `{"main":"d.js"}`,
		"node_modules/a/node_modules/d/d.js":         `module.exports = "d1"`,
		"node_modules/b/index.js":                    `module.exports = "b" + require("c") + require("d")`,
		"node_modules/c/index.js":                    `module.exports = "c2"`,
		"node_modules/d/index.js":                    `module.exports = "d2"`,
	}), "")
	if got, want := answer(t, p), "ac1d1 bc2d2 c2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, ok := p.Files["node_modules/a/node_modules/c/index.js"]; !ok {
		t.Errorf("the nested version is not where it must be: %s", names(p))
	}
}

func TestPackFollowsTheLinksOfPnpm(t *testing.T) {
	p := packed(t, folder(t, map[string]string{
		"manifest.json":     manifest,
		"src/index.ts":      `import a from "a"; import b from "@s/b"; export default [a, b].join(" ")`,
		"node_modules/a":    "-> .pnpm/a@1.0.0/node_modules/a",
		"node_modules/@s/b": "-> ../.pnpm/@s+b@1.0.0/node_modules/@s/b",
		"node_modules/.pnpm/a@1.0.0/node_modules/a/package.json":   `{"name":"a","exports":"./a.js"}`,
		"node_modules/.pnpm/a@1.0.0/node_modules/a/a.js":           `import c from "c"; export default "a" + c`,
		"node_modules/.pnpm/a@1.0.0/node_modules/c":                "-> ../../c@1.0.0/node_modules/c",
		"node_modules/.pnpm/@s+b@1.0.0/node_modules/@s/b/index.js": `import c from "c"; export default "b" + c`,
		"node_modules/.pnpm/@s+b@1.0.0/node_modules/c":             "-> ../../c@2.0.0/node_modules/c",
		"node_modules/.pnpm/c@1.0.0/node_modules/c/index.js":       `export default "c1"`,
		"node_modules/.pnpm/c@2.0.0/node_modules/c/index.js":       `export default "c2"`,
		"node_modules/.pnpm/c@2.0.0/node_modules/c/package.json":   `{"version":"2.0.0"}`,
	}), "")
	if got, want := answer(t, p), "ac1 bc2"; got != want {
		t.Errorf("got %s, want %s\n%s", got, want, names(p))
	}
	if strings.Contains(names(p), ".pnpm") {
		t.Errorf("the store's own folders are carried: %s", names(p))
	}
}

func TestPackFindsNodeModulesAboveTheFolder(t *testing.T) {
	p := packed(t, folder(t, map[string]string{
		"plugins/mine/manifest.json":           manifest,
		"plugins/mine/src/index.ts":            `import a from "a"; import b from "b"; export default a + b`,
		"plugins/mine/node_modules/b/index.js": `module.exports = "mine" + require("a")`,
		"node_modules/a/index.js":              `module.exports = "above"`,
		"node_modules/b/index.js":              `module.exports = "not this one"`,
		"package.json":                         `{"imports":{"#no":"./no"},"browser":{"a":"b"}}`,
	}), "plugins/mine")
	if got, want := names(p), "node_modules/a/index.js node_modules/b/index.js src/index.ts"; got != want {
		t.Errorf("it carries %s, want %s", got, want)
	}
	if got := answer(t, p); got != "abovemineabove" {
		t.Errorf("got %s", got)
	}
}

func TestPackIncludes(t *testing.T) {
	dir := folder(t, map[string]string{
		"manifest.json":            `{"name":"probe","version":"1.0.0","main":"index.js","icon":"icon.png","include":["README.md","assets/**/*.txt","./LICENSE","*","gone/*"]}`,
		"index.js":                 `export default 1`,
		"README.md":                "read me",
		"LICENSE":                  "free",
		"icon.png":                 "png",
		".env":                     "SECRET",
		"assets/a.txt":             "a",
		"assets/deep/b.txt":        "b",
		"assets/.hidden/c.txt":     "SECRET",
		"assets/.d.txt":            "SECRET",
		"assets/skip.bin":          "skip",
		"node_modules/x/README.md": "of x",
		"assets/linked.txt":        "-> ../README.md",
	})
	p, warnings, err := bundle.Pack(dir, bundle.PackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(p), "LICENSE README.md assets/a.txt assets/deep/b.txt assets/linked.txt icon.png index.js"; got != want {
		t.Errorf("it carries %s, want %s", got, want)
	}
	if len(warnings) != 1 || warnings[0].Field != "include[4]" {
		t.Errorf("warnings are %v", warnings)
	}
}

func TestPackSaysWhatIsWrong(t *testing.T) {
	outside := folder(t, map[string]string{"secret.ts": `export default "secret"`, "pkg/index.js": `module.exports = "secret"`})
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"no manifest", map[string]string{"index.js": ""}, []string{"no manifest.json", "not a plugin's folder"}},
		{"a broken manifest", map[string]string{"manifest.json": `{"name":1}`}, []string{"Invalid manifest", "name"}},
		{"no entry", map[string]string{"manifest.json": manifest}, []string{"manifest.json", `The entry "src/index.ts" is not in the folder`}},
		{"an entry that climbs", map[string]string{"manifest.json": `{"name":"probe","version":"1.0.0","main":"../secret.ts"}`}, []string{"../secret.ts"}},
		{"a missing file", map[string]string{"manifest.json": manifest, "src/index.ts": `import "./gone"; export default 1`}, []string{"src/index.ts:1:8", `no file "src/gone"`}},
		{"a missing package", map[string]string{"manifest.json": manifest, "src/index.ts": `import "gone"; export default 1`}, []string{"src/index.ts:1:8", "npm install gone"}},
		{"a file outside", map[string]string{"manifest.json": manifest, "src/index.ts": `import "../../x"; export default 1`}, []string{"src/index.ts:1:8", "outside of the plugin"}},
		{"an absolute path", map[string]string{"manifest.json": manifest, "src/index.ts": `import "` + filepath.ToSlash(outside) + `/secret.ts"; export default 1`}, []string{"absolute"}},
		{"a link that leaves", map[string]string{"manifest.json": manifest, "src/index.ts": `export { default } from "./link"`, "src/link.ts": "-> " + outside + "/secret.ts"},
			[]string{"src/index.ts:1:25", `"src/link.ts"`, "a link to", "copy the file"}},
		{"a folder's link that leaves", map[string]string{"manifest.json": manifest, "src/index.ts": `export { default } from "./link/secret"`, "src/link": "-> " + outside},
			[]string{`"src/link/secret.ts"`, "a link to"}},
		{"a package's link that leaves", map[string]string{"manifest.json": manifest, "src/index.ts": `export { default } from "pkg"`, "node_modules/pkg": "-> " + outside + "/pkg"},
			[]string{`"node_modules/pkg/index.js"`, "a link to", "npm install --install-links"}},
		{"an include's link that leaves", map[string]string{"manifest.json": `{"name":"probe","version":"1.0.0","include":["*.txt"]}`, "index.js": `export default 1`, "a.txt": "-> " + outside + "/secret.ts"},
			[]string{"include[0]", `"a.txt"`, "a link to"}},
		{"an include that climbs", map[string]string{"manifest.json": `{"name":"probe","version":"1.0.0","include":["../*"]}`, "index.js": `export default 1`}, []string{"include[0]", `"../*"`}},
		{"wrong code", map[string]string{"manifest.json": manifest, "src/index.ts": "export default {\n"}, []string{"src/index.ts:2:1", "end of file"}},
		{"code that the engine cannot run", map[string]string{"manifest.json": manifest, "src/index.ts": "export default () =>\n                 /\\p{L}/u"}, []string{"src/index.ts:2:18", `\p{…}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := bundle.Pack(folder(t, c.files), bundle.PackOptions{})
			if err == nil {
				t.Fatal("it packs")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("the error does not say %q:\n%v", w, err)
				}
			}
			if strings.Contains(err.Error(), `"secret"`) {
				t.Errorf("the error holds the secret: %v", err)
			}
		})
	}
	if _, _, err := bundle.Pack(t.TempDir(), bundle.PackOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder without a manifest gives %v", err)
	}
}

func TestPackKeepsToTheLimits(t *testing.T) {
	dir := folder(t, map[string]string{"manifest.json": `{"name":"probe","version":"1.0.0"}`, "index.js": `export default "` + strings.Repeat("x", 100) + `"`})
	for _, l := range []packaging.Limits{{FileBytes: 50}, {TotalBytes: 50}} {
		if _, _, err := bundle.Pack(dir, bundle.PackOptions{Limits: l}); err == nil {
			t.Errorf("%+v does not hold", l)
		}
	}
}
