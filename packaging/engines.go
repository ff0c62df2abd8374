package packaging

import (
	"fmt"

	"github.com/Masterminds/semver/v3"
)

// PluginAPI is the version of the plugin API that this host offers; a
// manifest's engines.innkeeper is held against it.
const PluginAPI = "1.0.0"

// EngineError says that a plugin was written for another version of the API.
type EngineError struct {
	Plugin string
	Wanted string // the range of its manifest
	Have   string // PluginAPI
}

func (e *EngineError) Error() string {
	return fmt.Sprintf("Plugin %s needs version %s of the plugin API, and this host has %s: install another version of the plugin or of the host", e.Plugin, e.Wanted, e.Have)
}

// CheckEngines refuses a manifest whose engines.innkeeper does not allow
// PluginAPI, with an *EngineError. A manifest without one is not refused.
func CheckEngines(m *Manifest) error {
	if m.Engines == "" {
		return nil
	}
	wanted, err := semver.NewConstraint(m.Engines)
	if err != nil {
		return &ManifestError{Problems: []Problem{{"engines.innkeeper", clip(m.Engines), wrongRange(m.Engines)}}}
	}
	have, err := semver.StrictNewVersion(PluginAPI)
	if err != nil {
		return fmt.Errorf("check the engines of %s: the plugin API's own version %q: %w", m.Name, PluginAPI, err)
	}
	if !wanted.Check(have) {
		return &EngineError{Plugin: m.Name, Wanted: m.Engines, Have: PluginAPI}
	}
	return nil
}
