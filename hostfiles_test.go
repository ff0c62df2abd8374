package innkeeper_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The engine would look for the map of code that names one, in a file of the
// host. One that it reads and finds wrong is an error, so a result says that
// nothing was read.
func TestPluginsCannotReadFilesOfTheHost(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("not a source map"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := open(t)
	h.load(plugin("reader", "", fmt.Sprintf(`
		const map = "\n//# sourceMappingURL=file://" + %q;
		log(eval("1" + map), (0, eval)("2" + map), new Function("return 3" + map)());
		for (const name of ["require", "module", "process", "Deno", "Bun", "XMLHttpRequest", "importScripts"]) {
			if (globalThis[name] !== undefined && typeof globalThis[name] === "function") log(name);
		}`, filepath.ToSlash(secret))))
	if got := h.lines("reader"); !slices.Equal(got, []string{"1 2 3"}) {
		t.Errorf("the plugin found %q", got)
	}
}
