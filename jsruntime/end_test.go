package jsruntime

import (
	"errors"
	"testing"
	"time"
)

func TestWhatEndsARuntimeSaysWhereItWas(t *testing.T) {
	for name, c := range map[string]struct {
		js   string
		want error
	}{
		"a loop":                {"function spin() {\n  while (true) {}\n}\nspin();", ErrTimedOut},
		"a loop after an await": {"async function spin() {\n  await 0; while (true) {}\n}\nspin();", ErrTimedOut},
		"calls without an end":  {"function spin() {\n  spin();\n}\nspin();", ErrStackOverflow},
	} {
		r := start(t, Options{Running: 50 * time.Millisecond})
		_, err := eval(t, r, c.js)
		var end *EndError
		if !errors.As(err, &end) || !errors.Is(err, c.want) || err.Error() != c.want.Error() {
			t.Fatalf("%s: got %v, wanted an EndError for %v", name, err, c.want)
		}
		if len(end.Frames) == 0 || len(end.Frames) > maxEndFrames || end.Frames[0].Func != "spin" || end.Frames[0].Line > 2 {
			t.Errorf("%s: it was at\n%s", name, end.Stack())
		}
	}
}
