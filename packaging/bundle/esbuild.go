package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

// EsbuildVersion is the version of the bundler; it is part of every cache key.
const EsbuildVersion = "0.28.2"

// settingsVersion is to be raised whenever the same package would give another
// script: it is part of every cache key.
const settingsVersion = "1"

// The namespaces of modules. None is "file", for in that one esbuild looks at
// the disk.
const (
	packageNamespace = "package" // paths of the package's files, with a leading slash
	hostNamespace    = "host"    // what this program provides: the entry, modules
	emptyNamespace   = "empty"   // a file that the "browser" field switches off
)

// entryModule imports the plugin's entry and hands its default export out. The
// script around it declares the variable, so no output has to be taken apart to
// find what it exports. Other exports of the entry mean nothing to the host and
// are left out when nobody uses them.
const (
	entryModule = "entry"
	entryCode   = `import plugin from "entry"; __plugin = {default: plugin};`
	wrapAsync   = `(async function(){"use strict";let __plugin;`
	wrapPlain   = `(function(){"use strict";let __plugin;`
	wrapAfter   = `return __plugin})`
)

// supported is what goja lacks and esbuild can lower. The table test of syntax
// holds each of them against the real engine.
var supported = map[string]bool{
	"async-generator":                 false,
	"for-await":                       false,
	"using":                           false,
	"decorators":                      false,
	"dynamic-import":                  false,
	"import-meta":                     false,
	"regexp-match-indices":            false, // these three become new RegExp(…), so
	"regexp-set-notation":             false, // that one that is never reached does not
	"regexp-unicode-property-escapes": false, // fail the whole script
}

// A build is one run of esbuild over a tree.
type build struct {
	tree     tree
	resolver *resolver
	entry    string // path in the tree
	root     string // the plugin's folder in the tree: "/" but for Pack
	mu       sync.Mutex
	loaded   map[string]bool // the files that were read
}

func newBuild(t tree, entry string) *build {
	return &build{tree: t, resolver: newResolver(t), entry: entry, root: "/", loaded: map[string]bool{}}
}

// run bundles. When ctx ends, run returns at once: esbuild notices only between
// two files, and what it is then still doing goes on until it does. (It takes
// exponential time for some code. A stranger's package is for a process that can
// be ended.)
func (b *build) run(ctx context.Context) (api.BuildResult, error) {
	if err := ctx.Err(); err != nil {
		return api.BuildResult{}, fmt.Errorf("build the plugin: %w", context.Cause(ctx))
	}
	c, err := api.Context(b.options())
	if err != nil {
		return api.BuildResult{}, fmt.Errorf("build the plugin: set esbuild up: %w", err)
	}
	if ctx.Done() == nil {
		defer c.Dispose()
		return c.Rebuild(), nil
	}
	finished := make(chan api.BuildResult, 1)
	go func() {
		defer c.Dispose()
		finished <- c.Rebuild()
	}()
	select {
	case result := <-finished:
		if ctx.Err() == nil {
			return result, nil
		}
	case <-ctx.Done():
		go c.Cancel() // which waits for esbuild
	}
	return api.BuildResult{}, fmt.Errorf("build the plugin: %w", context.Cause(ctx))
}

func (b *build) options() api.BuildOptions {
	// A file has no address of its own; relative to this one, new URL("./x",
	// import.meta.url) is at least well formed. It never names a path of a host.
	metaURL, _ := json.Marshal((&url.URL{Scheme: "plugin", Path: "/" + b.show(b.entry)}).String())
	if !strings.HasPrefix(string(metaURL), `"plugin:///`) {
		metaURL = []byte(`"plugin:///"`)
	}
	return api.BuildOptions{
		EntryPoints:   []string{entryModule},
		Bundle:        true,
		Format:        api.FormatESModule,
		Platform:      api.PlatformBrowser,
		Target:        api.ES2022,
		Supported:     supported,
		AbsWorkingDir: "/",
		TsconfigRaw:   "{}",
		Outfile:       "/bundle.js",
		Write:         false,
		LogLevel:      api.LogLevelSilent,
		LogLimit:      maxMessages,

		// Not for size: indentation makes the output grow with the square of the
		// nesting. A limit of the line's length keeps columns small and lines
		// useful to an engine that reports both.
		MinifyWhitespace: true,
		LineLimit:        120,
		KeepNames:        false,
		LegalComments:    api.LegalCommentsNone,

		Sourcemap:      api.SourceMapExternal,
		SourcesContent: api.SourcesContentExclude,

		JSX:             api.JSXAutomatic,
		JSXImportSource: "innkeeper",

		Define: map[string]string{
			"global":               "globalThis",
			"process.env.NODE_ENV": `"production"`,
			"import.meta.url":      string(metaURL),
		},
		Banner:  map[string]string{"js": wrapAsync},
		Footer:  map[string]string{"js": wrapAfter},
		Plugins: []api.Plugin{{Name: "innkeeper", Setup: b.setup}},
	}
}

func (b *build) setup(p api.PluginBuild) {
	p.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(a api.OnResolveArgs) (result api.OnResolveResult, err error) {
		defer recovered(&err)
		return b.onResolve(a)
	})
	p.OnLoad(api.OnLoadOptions{Filter: ".*"}, func(a api.OnLoadArgs) (result api.OnLoadResult, err error) {
		defer recovered(&err)
		return b.onLoad(a)
	})
}

// recovered turns a panic of ours into an error: esbuild calls on goroutines of
// its own, where a panic would end the process.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("resolving modules failed inside innkeeper, which is a bug: %v", v)
	}
}

func (b *build) onResolve(a api.OnResolveArgs) (api.OnResolveResult, error) {
	if a.Kind == api.ResolveEntryPoint {
		return api.OnResolveResult{Path: entryModule, Namespace: hostNamespace}, nil
	}
	if a.Namespace == hostNamespace && a.Importer == entryModule {
		return api.OnResolveResult{Path: b.entry, Namespace: packageNamespace}, nil
	}
	if _, ok := modules[a.Path]; ok {
		return api.OnResolveResult{Path: a.Path, Namespace: hostNamespace, SideEffects: api.SideEffectsFalse}, nil
	}
	if a.Namespace != packageNamespace {
		return api.OnResolveResult{}, errors.New("a module of the host imports nothing")
	}
	kind := byImport
	if a.Kind == api.ResolveJSRequireCall || a.Kind == api.ResolveJSRequireResolve {
		kind = byRequire
	}
	if kind := a.With["type"]; kind != "" && !slices.Contains([]string{"json", "text", "bytes"}, kind) {
		return failed(fmt.Sprintf("Cannot import %s with the type %s", quote(a.Path), quote(kind)), `the types are "json", "text" and "bytes"`), nil
	}
	t, err := b.resolver.resolve(a.Path, a.Importer, kind)
	var wrong *importError
	if errors.As(err, &wrong) {
		if inNodeModules(a.Importer) && (kind == byRequire || a.Kind == api.ResolveJSDynamicImport) {
			// Many an npm package asks for what it can do without, or asks for
			// Node's modules where it runs on Node. Whoever gets there has an
			// error thrown.
			return api.OnResolveResult{Path: a.Path, External: true, Warnings: []api.Message{{Text: wrong.text + ": an error is thrown if the plugin gets there"}}}, nil
		}
		return failed(wrong.text, wrong.hint), nil
	}
	if err != nil {
		return api.OnResolveResult{}, err
	}
	if t.disabled {
		return api.OnResolveResult{Path: t.path, Namespace: emptyNamespace}, nil
	}
	result := api.OnResolveResult{Path: t.path, Namespace: packageNamespace}
	if t.sideEffectFree {
		result.SideEffects = api.SideEffectsFalse
	}
	return result, nil
}

func failed(text, hint string) api.OnResolveResult {
	m := api.Message{Text: text}
	if hint != "" {
		m.Notes = []api.Note{{Text: hint}}
	}
	return api.OnResolveResult{Errors: []api.Message{m}}
}

func (b *build) onLoad(a api.OnLoadArgs) (api.OnLoadResult, error) {
	switch a.Namespace {
	case hostNamespace:
		code := modules[a.Path]
		if a.Path == entryModule {
			code = entryCode
		}
		return api.OnLoadResult{Contents: &code, Loader: api.LoaderJS}, nil
	case emptyNamespace:
		code := ""
		return api.OnLoadResult{Contents: &code, Loader: api.LoaderJS}, nil
	}
	if a.Namespace != packageNamespace {
		return loadFailed("Cannot import a file that is not part of the plugin", ""), nil
	}
	loader, ok := loaderFor(a.Path, a.With)
	if !ok {
		return loadFailed(fmt.Sprintf("Cannot import %s: files of the kind %s have no meaning to a plugin", quote(b.show(a.Path)), quote(path.Ext(a.Path))),
			`say what it is: import x from "…" with { type: "text" } (or "bytes", "json")`), nil
	}
	data, err := b.tree.read(a.Path)
	if err != nil {
		return loadFailed(fmt.Sprintf("Cannot read %s: %v", quote(b.show(a.Path)), err), ""), nil
	}
	if isCode(loader) {
		if line, ok := tooDeep(data); ok {
			return loadFailed(fmt.Sprintf("Cannot read %s: its code nests too deep (line %d)", quote(b.show(a.Path)), line), "no program that people or tools write comes near this bound"), nil
		}
	}
	b.mu.Lock()
	b.loaded[a.Path] = true
	b.mu.Unlock()
	result := api.OnLoadResult{Loader: loader}
	code := string(data)
	if isCode(loader) && loader != api.LoaderJSON { // JSON has no \x, no comments and no imports
		code = withoutSourceMaps(data)
		if result.ResolveDir, ok = nowhereFor(code); !ok {
			return loadFailed(fmt.Sprintf("Cannot read %s: it is too long to be searched for imports whose names are computed", quote(b.show(a.Path))), "split the file"), nil
		}
	}
	result.Contents = &code
	return result, nil
}

func loadFailed(text, hint string) api.OnLoadResult {
	return api.OnLoadResult{Errors: failed(text, hint).Errors}
}

// show is a path of the tree as people know it: relative to the plugin.
func (b *build) show(p string) string {
	return strings.TrimPrefix(strings.TrimPrefix(p, strings.TrimSuffix(b.root, "/")), "/")
}

// inputs are the files that were read, sorted, without the leading slash.
func (b *build) inputs() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := make([]string, 0, len(b.loaded))
	for p := range b.loaded {
		names = append(names, strings.TrimPrefix(p, "/"))
	}
	slices.Sort(names)
	return names
}
