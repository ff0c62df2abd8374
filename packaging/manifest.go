package packaging

import "encoding/json"

// Manifest is what a plugin says of itself (manifest.json).
type Manifest struct {
	Name         string // "name" or "@publisher/name"
	Version      string // semver
	DisplayName  string // shown to people; Name where the manifest has none
	Description  string
	Author       string
	License      string
	Homepage     string
	Keywords     []string
	Category     string
	Icon         string            // path of a file of the package, or ""
	Main         string            // entry file, default "index.js"
	Include      []string          // globs of files to carry besides what the entry imports
	Engines      string            // semver range of the plugin API ("engines.innkeeper")
	Dependencies map[string]string // name to semver range; the seed's array of names means "*"
	Permissions  []Permission
	Activation   []string

	raw json.RawMessage // as written: unknown fields are kept
}

// Permission is one entry of a manifest's permissions.
type Permission struct {
	Resource   string
	Actions    []string
	Reason     string
	Optional   bool
	Hosts      []string // network
	Channels   []string // messages
	Roles      []string // messages
	FailClosed bool     // messages
}
