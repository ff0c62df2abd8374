package bundle

import (
	"os"
	"regexp"
	"testing"
)

// TestEsbuildVersionIsTheOneInGoMod keeps the cache's key true.
func TestEsbuildVersionIsTheOneInGoMod(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`github\.com/evanw/esbuild v(\S+)`).FindSubmatch(mod)
	if found == nil || string(found[1]) != EsbuildVersion {
		t.Errorf("go.mod says %s, EsbuildVersion %s", found, EsbuildVersion)
	}
}
