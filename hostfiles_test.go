package innkeeper_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The engine would look for the source map of code that names one, in a file of
// the host. One that was read shows in the stack of what that code throws.
func TestPluginsCannotReadFilesOfTheHost(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.map")
	if err := os.WriteFile(secret, []byte(`{"version":3,"sources":["the-secret.js"],"names":[],"mappings":"AAAA"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	h := open(t)
	h.load(plugin("reader", "", fmt.Sprintf(`
		const code = "throw new Error()\n//# sourceMappingURL=file://" + %q;
		for (const run of [() => eval(code), () => (0, eval)(code), () => new Function(code)()]) {
			try { run() } catch (e) { log(e.stack.includes("<") && !e.stack.includes("the-secret")) }
		}
		for (const name of ["require", "Deno", "Bun", "XMLHttpRequest", "importScripts"]) {
			if (globalThis[name] !== undefined) log(name);
		}`, filepath.ToSlash(secret))))
	if got := h.lines("reader"); !slices.Equal(got, []string{"true", "true", "true"}) {
		t.Errorf("the plugin found %q", got)
	}
}
