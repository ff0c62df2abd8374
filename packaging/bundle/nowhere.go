package bundle

import (
	"bytes"
	"regexp"
	"runtime"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

// For import(`./a/${b}`) and require("./a/" + b) esbuild lists a folder of the
// disk by itself, whatever a plugin of its own says, and from there those
// below. There is no switch against it. So every file is said to lie in a
// folder that cannot exist (its path has a NUL), and so deep that no number of
// "../" that the file can hold climbs out of it. Each "../" that counts stands
// in the file's own text, in a string: names that are folded from constants
// are not looked at.

// depths are how deep that folder may lie. esbuild takes time with the square.
var depths = [...]int{64, 1024, 8192}

// nowhere are the paths of such folders, each the beginning of the next, so
// that esbuild looks at them once in a build.
var nowhere = sync.OnceValue(func() (paths [len(depths)]string) {
	top, sep := "/\x00", "/x"
	if runtime.GOOS == "windows" {
		top, sep = "C:\\\x00", `\x`
	}
	for i, n := range depths {
		paths[i] = top + strings.Repeat(sep, n)
	}
	return paths
})

// nowhereFor is a folder that exists on no disk and that no import in code
// climbs out of; ok is false for a file that may hold a computed import and so
// many climbs that there is none.
func nowhereFor(code string) (dir string, ok bool) {
	escapes := strings.Count(code, `\x`) + strings.Count(code, `\u`) + strings.Count(code, `\0`) + strings.Count(code, `\5`)
	climbs := min((strings.Count(code, ".")+escapes)/2, strings.Count(code, "/")+strings.Count(code, `\`))
	for i, n := range depths {
		if climbs < n {
			return nowhere()[i], true
		}
	}
	return nowhere()[len(depths)-1], !computedImport.MatchString(code)
}

// computedImport matches what may be an import or a require of anything but one
// string that is written out. It is only asked about the few files that are
// too long to be sure of otherwise.
var computedImport = func() *regexp.Regexp {
	var require strings.Builder
	for _, c := range []byte("require") {
		hex := strings.ToUpper(string("0123456789abcdef"[c>>4])) + "(?i:" + string("0123456789abcdef"[c&15]) + ")"
		require.WriteString(`(?:` + string(c) + `|\\u00` + hex + `|\\u\{0*` + hex + `\})`)
	}
	return regexp.MustCompile(`\bimport\s*(?:/|\.\s*(?:defer|source)|\(\s*(?:[^"'\s]|"[^"\n]*"\s*[^)\s]|'[^'\n]*'\s*[^)\s]))|` +
		require.String() + `\s*(?:[^\s(:=,;.&|'"]|\(\s*(?:[^"'\s]|"[^"\n]*"\s*[^)\s]|'[^'\n]*'\s*[^)\s]))`)
}()

// isComputedImport recognises what esbuild says of an import that it looked for
// in that folder.
func isComputedImport(m api.Message) bool {
	for _, prefix := range []string{`Could not resolve import("`, `Could not resolve require("`, `Could not resolve import.`} {
		if strings.HasPrefix(m.Text, prefix) {
			return true
		}
	}
	return false
}

// withoutSourceMaps hides the comments that name a source map: for a file: URL
// esbuild would open that file of the host. In a string, a template or a
// regular expression the escape means the same.
func withoutSourceMaps(data []byte) string {
	if !bytes.Contains(data, []byte(" sourceMappingURL=")) {
		return string(data)
	}
	return sourceMapComments.Replace(string(data))
}

var sourceMapComments = strings.NewReplacer(
	"# sourceMappingURL=", `# sourceMappingURL\x3d`,
	"@ sourceMappingURL=", `@ sourceMappingURL\x3d`,
)
