package packaging

// Package is a plugin as one value: its manifest and its files.
type Package struct {
	Manifest  *Manifest
	Files     map[string][]byte // by clean, relative, slash-separated path
	Integrity string            // "sha256-…"; empty for the seed's bare form
}
