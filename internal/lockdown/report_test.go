package lockdown

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

func TestReportNamesEveryLayer(t *testing.T) {
	report := runChild[Report](t, "report", nil)
	var got []Layer
	for _, state := range report.Layers {
		got = append(got, state.Layer)
		switch {
		case state.Up && state.How == "":
			t.Errorf("%s is up and the report does not say how", state.Layer)
		case !state.Up && (state.Why == "" || state.Cause == ""):
			t.Errorf("%s is not up and the report does not say why", state.Layer)
		case !state.Up:
			t.Logf("layer %s is not available on this machine: %s: %s", state.Layer, state.Cause, state.Why)
		}
	}
	if !reflect.DeepEqual(got, Layers()) {
		t.Errorf("the report has %v, want %v", got, Layers())
	}
	t.Logf("\n%s", report)
}

func TestApplyWorksOnce(t *testing.T) {
	// In this process nothing is applied: limits that make no sense change nothing.
	for _, limits := range []Limits{{AddressSpace: 1}, {Nice: 20}, {OOMScore: -1}, {GCPercent: -1}, {Descriptors: 1}, {AddressSpace: 1 << 63}} {
		if _, err := Apply(limits); err == nil || !strings.Contains(err.Error(), "wanted") {
			t.Errorf("%+v: %v", limits, err)
		}
	}
	if got := runChild[string](t, "twice", nil); got != ErrApplied.Error() {
		t.Errorf("the second time said %q", got)
	}
}

func init() {
	children["twice"] = func() any {
		lockDown()
		_, err := Apply(Limits{})
		if !errors.Is(err, ErrApplied) {
			return "no ErrApplied"
		}
		return err.Error()
	}
}

// partial has all layers but two.
func partial() Report {
	r := Report{System: "linux/amd64"}
	for _, layer := range Layers() {
		switch layer {
		case Files:
			r.down(layer, OldKernel, "no Landlock")
		case OOM:
			r.down(layer, NotPermitted, "read-only")
		default:
			r.up(layer, "by test")
		}
	}
	return r
}

func TestRequireNamesWhatIsMissing(t *testing.T) {
	r := partial()
	var incomplete *IncompleteError
	if err := r.Require(); !errors.As(err, &incomplete) || len(incomplete.Missing) != 1 || incomplete.Missing[0].Layer != Files {
		t.Errorf("Require() = %v", err)
	} else if !strings.Contains(err.Error(), "files (old kernel: no Landlock)") {
		t.Errorf("it says %q", err)
	}
	if err := r.Require(SystemCalls, AddressSpace); err != nil {
		t.Errorf("what is up is required: %v", err)
	}
	if err := r.Require(OOM); err == nil {
		t.Error("OOM is not up and was required")
	}
	if err := (Report{}).Require(); err == nil {
		t.Error("an empty report has nothing, and Require is content")
	}
}

func TestReportIsTextJSONAndLog(t *testing.T) {
	r := partial()
	if text := r.String(); strings.Count(text, "\n") != len(Layers()) || !strings.Contains(text, "files          not up  old kernel: no Landlock") {
		t.Errorf("text:\n%s", text)
	}
	encoded, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(encoded, &back); err != nil || !reflect.DeepEqual(back, r) {
		t.Errorf("%v: %s became %+v", err, encoded, back)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("locked", "lockdown", r)
	for _, want := range []string{`lockdown.up="11 of 13"`, `lockdown.files="not up, old kernel: no Landlock"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log %s lacks %s", log.String(), want)
		}
	}
}
