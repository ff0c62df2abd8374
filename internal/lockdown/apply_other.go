//go:build !linux && !darwin && !windows

package lockdown

import "runtime"

// applySystem puts up nothing on systems for which nobody has tried it.
func applySystem(_ Limits, report *Report, without func(Layer) bool) {
	for _, layer := range Layers() {
		if layer != Collector && !without(layer) {
			report.down(layer, OtherSystem, "not built for %s", runtime.GOOS)
		}
	}
}
