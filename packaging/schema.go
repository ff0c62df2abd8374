package packaging

import _ "embed"

// ManifestSchema is the JSON Schema (draft 2020-12) of manifest.json, for
// editors and for tools in other languages. A test holds it equal to
// ParseManifest, but for what a schema cannot say: that a range of versions, a
// glob or an expression can be compiled, and lengths in bytes.
//
//go:embed manifest.schema.json
var ManifestSchema []byte
