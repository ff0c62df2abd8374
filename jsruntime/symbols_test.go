package jsruntime

import "testing"

func TestSymbolsOfLoweredCodeAreThereWhereItUsesThem(t *testing.T) {
	for code, want := range map[string]string{
		`typeof Symbol.asyncIterator`:                                      "symbol",
		`String(Symbol.dispose)`:                                           "Symbol(Symbol.dispose)",
		`(m => m.metadata)({metadata: 1})`:                                 "1",
		`Symbol.dispose === Symbol.dispose && delete Symbol.asyncIterator`: "false",
	} {
		if got, err := eval(t, start(t, Options{}), code); err != nil || got != want {
			t.Errorf("%s: got %q, %v; wanted %q", code, got, err, want)
		}
	}
	if wantsSymbols(`m.metadata.plugin`) {
		t.Error("code that has no Symbol pays for it")
	}
}
