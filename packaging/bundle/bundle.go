package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/innkeeper-host/innkeeper/jsruntime/syntax"
	"github.com/innkeeper-host/innkeeper/packaging"
)

// DefaultMaxOutput bounds a bundle's script, in bytes.
const DefaultMaxOutput = 32 << 20

// Options sets bounds on a build. Its zero value is what the host uses.
type Options struct {
	MaxOutput int // bytes of script; 0 means DefaultMaxOutput
}

// A Bundle is a plugin as one script.
type Bundle struct {
	// Code is a script whose completion value is a function. Called with
	// nothing, that function runs the plugin's modules and gives an object whose
	// `default` is what the entry exports as such: a promise of it where Async.
	Code string

	// Async says that the plugin's modules await at their top. A function that
	// is not async starts in a fraction of the time: an engine that has made no
	// promise yet need not set them up.
	Async bool

	// SourceMap (version 3, without sources' contents) maps Code to files of the
	// package, whose paths its sources are.
	SourceMap []byte

	// Key is what the bundle is cached by: it changes when the package, the
	// bundler or its settings do. The host computes it.
	Key string

	Warnings []Message
	Inputs   []string // the package's files that are in Code, sorted

	// EsbuildVersion is the bundler that made it.
	EsbuildVersion string
}

// Key is what the bundle of a package with this digest is cached by.
func Key(digest string) string {
	sum := sha256.Sum256([]byte(digest + "\n" + EsbuildVersion + "\n" + settingsVersion))
	return "sha256-" + base64.RawURLEncoding.EncodeToString(sum[:])
}

var errNoManifest = errors.New("build the plugin: the package has no manifest")

// Build bundles a package out of its own files. The error is a *BuildError
// where the plugin's code is at fault, and wraps the context's cause when that
// ended. It may be called from several goroutines; it leaves pkg alone.
func Build(ctx context.Context, pkg *packaging.Package, o Options) (*Bundle, error) {
	if pkg == nil || pkg.Manifest == nil {
		return nil, errNoManifest
	}
	if o.MaxOutput <= 0 {
		o.MaxOutput = DefaultMaxOutput
	}
	t := newPackageTree(pkg.Files)
	entry, err := entryPath(pkg.Manifest, t)
	if err != nil {
		return nil, err
	}
	b := newBuild(t, entry)
	result, err := b.run(ctx)
	if err != nil {
		return nil, err
	}
	main := strings.TrimPrefix(entry, "/")
	if len(result.Errors) > 0 {
		return nil, &BuildError{Messages: b.messages(result.Errors)}
	}
	out := &Bundle{Warnings: b.messages(result.Warnings), Inputs: b.inputs(), EsbuildVersion: EsbuildVersion, Key: Key(pkg.Digest())}
	for _, f := range result.OutputFiles {
		// Only these two names are ours; esbuild has no reason to give others.
		switch path.Base(f.Path) {
		case "bundle.js":
			out.Code = string(f.Contents)
		case "bundle.js.map":
			out.SourceMap = f.Contents
		}
	}
	if !strings.HasPrefix(out.Code, wrapAsync) {
		return nil, errors.New("build the plugin: esbuild's output does not begin as it was told to, which is a bug of innkeeper")
	}
	if len(out.Code) > o.MaxOutput || len(out.SourceMap) > o.MaxOutput {
		return nil, buildError(main, fmt.Sprintf("The bundle is larger than the limit: %d bytes, of at most %d", max(len(out.Code), len(out.SourceMap)), o.MaxOutput))
	}
	if out.SourceMap, err = plainSources(out.SourceMap); err != nil {
		return nil, err
	}
	script := syntax.Find(out.Code)
	wrong, warnings := placed(script.Findings, out.SourceMap, t)
	if len(wrong) > 0 {
		return nil, &BuildError{Messages: wrong}
	}
	out.Warnings = append(out.Warnings, warnings...)
	if out.Async = script.TopAwait; !out.Async {
		// A line of its own, so that no column of the plugin's code moves.
		out.Code = wrapPlain + strings.TrimPrefix(out.Code, wrapAsync)
	}
	return out, nil
}

// entryPath is the entry's place in the tree.
func entryPath(m *packaging.Manifest, t tree) (string, error) {
	main := m.Main
	if main == "" {
		main = "index.js"
	}
	entry, ok := joinInside("/", strings.TrimPrefix(main, "./"))
	if !ok || strings.HasPrefix(main, "/") || strings.ContainsAny(main, "\\\x00:") {
		return "", buildError("manifest.json", fmt.Sprintf("The entry %s lies outside of the plugin", quote(main)))
	}
	if !t.isFile(entry) {
		return "", buildError("manifest.json", fmt.Sprintf("The entry %s is not in the package", quote(main)), `"main" names the file that exports the plugin`)
	}
	return entry, nil
}
