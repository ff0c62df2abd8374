package bundle

import (
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// loaders says what a file becomes when it is imported: code, a value, a
// string, or the bytes as a Uint8Array.
var loaders = map[string]api.Loader{
	".js": api.LoaderJS, ".mjs": api.LoaderJS, ".cjs": api.LoaderJS,
	".jsx": api.LoaderJSX,
	".ts":  api.LoaderTS, ".mts": api.LoaderTS, ".cts": api.LoaderTS,
	".tsx":  api.LoaderTSX,
	".json": api.LoaderJSON,

	".txt": api.LoaderText, ".md": api.LoaderText, ".html": api.LoaderText,
	".css": api.LoaderText, ".svg": api.LoaderText, ".csv": api.LoaderText,
	".xml": api.LoaderText, ".yaml": api.LoaderText, ".yml": api.LoaderText,
	".graphql": api.LoaderText, ".sql": api.LoaderText,

	".bin": api.LoaderBinary, ".wasm": api.LoaderBinary,
	".png": api.LoaderBinary, ".jpg": api.LoaderBinary, ".jpeg": api.LoaderBinary,
	".gif": api.LoaderBinary, ".webp": api.LoaderBinary, ".avif": api.LoaderBinary,
	".ico": api.LoaderBinary, ".woff": api.LoaderBinary, ".woff2": api.LoaderBinary,
	".ttf": api.LoaderBinary, ".mp3": api.LoaderBinary, ".ogg": api.LoaderBinary,
	".wav": api.LoaderBinary, ".zip": api.LoaderBinary, ".gz": api.LoaderBinary,
}

// loaderFor is the loader of the file at p, imported with the attributes of
// `with {type: "…"}`, and whether there is one.
func loaderFor(p string, with map[string]string) (api.Loader, bool) {
	switch with["type"] {
	case "json":
		return api.LoaderJSON, true
	case "text":
		return api.LoaderText, true
	case "bytes":
		return api.LoaderBinary, true
	}
	ext := strings.ToLower(path.Ext(p))
	if l, ok := loaders[ext]; ok {
		return l, true
	}
	// npm packages name a few modules without an extension (bin scripts).
	if ext == "" && strings.Contains(p, "/node_modules/") {
		return api.LoaderJS, true
	}
	return api.LoaderNone, false
}

// isCode reports whether a loader reads its file as a program, so that the
// bound on nesting applies.
func isCode(l api.Loader) bool {
	switch l {
	case api.LoaderJS, api.LoaderJSX, api.LoaderTS, api.LoaderTSX, api.LoaderJSON:
		return true
	}
	return false
}
