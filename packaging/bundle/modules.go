package bundle

import (
	"slices"
	"strings"
)

// modules are those that the host provides: a plugin imports them by name and
// no package carries them.
var modules = map[string]string{
	"innkeeper": `export function definePlugin(plugin) { return plugin }
` + createElement,
	"innkeeper/jsx-runtime":     jsxRuntime,
	"innkeeper/jsx-dev-runtime": jsxRuntime,
}

// jsxRuntime makes elements that are plain data, apart from the functions in
// them, which stay in the guest. esbuild passes the key beside the props.
const jsxRuntime = `export const Fragment = "";
export function jsx(type, props, key) {
  return { type, props, key: key === undefined ? null : "" + key };
}
export { jsx as jsxs, jsx as jsxDEV };
`

// createElement is what <a {...props} key="k"/> compiles to: whether the key or
// the props come last is only known there.
const createElement = `
export function createElement(type, props, ...children) {
  const { key = null, ...rest } = props || {};
  if (children.length > 0) rest.children = children.length === 1 ? children[0] : children;
  return { type, props: rest, key: key === null ? null : "" + key };
}
`

// nodeModules are the modules that Node has of its own, for better messages.
var nodeModules = []string{
	"assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram",
	"diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https", "inspector", "module", "net",
	"os", "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "sqlite", "stream",
	"string_decoder", "sys", "test", "timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi",
	"worker_threads", "zlib",
}

// isNodeModule reports whether name, without "node:", is one of Node's own
// ("fs", "fs/promises").
func isNodeModule(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return slices.Contains(nodeModules, first)
}
