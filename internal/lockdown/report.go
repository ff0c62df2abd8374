package lockdown

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
)

// Layer names one wall. The values are what people and programs read.
type Layer string

// The layers, outermost first. The package comment says what each one stops.
const (
	Privileges   Layer = "privileges"
	Capabilities Layer = "capabilities"
	Files        Layer = "files"
	TCP          Layer = "tcp"
	Scopes       Layer = "scopes"
	SystemCalls  Layer = "system calls"
	AddressSpace Layer = "address space"
	CoreDumps    Layer = "core dumps"
	FileSize     Layer = "file size"
	Descriptors  Layer = "descriptors"
	Collector    Layer = "collector"
	Priority     Layer = "priority"
	OOM          Layer = "oom"
)

// Layers are all layers, in the order of a Report.
func Layers() []Layer {
	return []Layer{Privileges, Capabilities, Files, TCP, Scopes, SystemCalls, AddressSpace,
		CoreDumps, FileSize, Descriptors, Collector, Priority, OOM}
}

// Required are the layers without which a stranger's plugin should not run
// where the operator demands a lock-down. TCP and Scopes are not among them:
// SystemCalls refuses the same and more, and kernels that are still supported
// lack them. The last five share the machine out fairly and keep no secret.
func Required() []Layer {
	return []Layer{Privileges, Capabilities, Files, SystemCalls, AddressSpace, CoreDumps, FileSize}
}

// Cause is why a layer is not up.
type Cause string

const (
	OldKernel    Cause = "old kernel"    // a newer kernel, or one built or started with the feature, has it
	NotPermitted Cause = "not permitted" // the system has it, and something above this process refuses it
	OtherSystem  Cause = "other system"  // this operating system or processor has no such thing here
	Failed       Cause = "failed"        // anything else; Why has the error
)

// State is one layer of a Report.
type State struct {
	Layer Layer  `json:"layer"`
	Up    bool   `json:"up"`
	How   string `json:"how,omitempty"`   // by what means, where it is up
	Cause Cause  `json:"cause,omitempty"` // where it is not up
	Why   string `json:"why,omitempty"`   // where it is not up: plain words, with a hint if there is one
}

// Report says of every layer whether it is up. It is a value: read it from any
// goroutine, send it as JSON.
type Report struct {
	System string  `json:"system"` // operating system and processor, as GOOS/GOARCH
	Layers []State `json:"layers"`
}

// State is the state of one layer; where the Report does not name it, it is not up.
func (r Report) State(layer Layer) State {
	for _, state := range r.Layers {
		if state.Layer == layer {
			return state
		}
	}
	return State{Layer: layer, Cause: Failed, Why: "nothing was reported of it"}
}

// Up says whether a layer is up.
func (r Report) Up(layer Layer) bool { return r.State(layer).Up }

// Missing are the layers that are not up.
func (r Report) Missing() []State {
	var missing []State
	for _, layer := range Layers() {
		if state := r.State(layer); !state.Up {
			missing = append(missing, state)
		}
	}
	return missing
}

// Require fails with an *IncompleteError where one of the layers is not up; with
// no layers it asks for those of Required.
func (r Report) Require(layers ...Layer) error {
	if len(layers) == 0 {
		layers = Required()
	}
	missing := slices.DeleteFunc(r.Missing(), func(s State) bool { return !slices.Contains(layers, s.Layer) })
	if len(missing) == 0 {
		return nil
	}
	return &IncompleteError{r.System, missing}
}

// IncompleteError says which layers that were required are not up.
type IncompleteError struct {
	System  string
	Missing []State
}

func (e *IncompleteError) Error() string {
	var why []string
	for _, state := range e.Missing {
		why = append(why, fmt.Sprintf("%s (%s: %s)", state.Layer, state.Cause, state.Why))
	}
	return fmt.Sprintf("lock down worker on %s: required and not up: %s; run where they are available, or do not require the lock-down",
		e.System, strings.Join(why, ", "))
}

// String is a table with a line for each layer.
func (r Report) String() string {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, layer := range Layers() {
		if state := r.State(layer); state.Up {
			fmt.Fprintf(table, "%s\tup\t%s\n", layer, state.How)
		} else {
			fmt.Fprintf(table, "%s\tnot up\t%s: %s\n", layer, state.Cause, state.Why)
		}
	}
	table.Flush()
	return text.String()
}

// LogValue is the Report as one group: how many layers are up, and which are not.
func (r Report) LogValue() slog.Value {
	missing := r.Missing()
	attrs := []slog.Attr{slog.String("up", fmt.Sprintf("%d of %d", len(Layers())-len(missing), len(Layers())))}
	for _, state := range missing {
		attrs = append(attrs, slog.String(string(state.Layer), fmt.Sprintf("not up, %s: %s", state.Cause, state.Why)))
	}
	return slog.GroupValue(attrs...)
}

func (r *Report) up(layer Layer, how string, args ...any) {
	r.Layers = append(r.Layers, State{Layer: layer, Up: true, How: fmt.Sprintf(how, args...)})
}

func (r *Report) down(layer Layer, cause Cause, why string, args ...any) {
	r.Layers = append(r.Layers, State{Layer: layer, Cause: cause, Why: fmt.Sprintf(why, args...)})
}

// sort brings the layers, which are put up in the order that they need, into
// the order in which they are read.
func (r *Report) sort() {
	order := Layers()
	slices.SortStableFunc(r.Layers, func(a, b State) int {
		return slices.Index(order, a.Layer) - slices.Index(order, b.Layer)
	})
}
