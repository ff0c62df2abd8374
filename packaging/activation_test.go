package packaging

import (
	"fmt"
	"strings"
	"testing"
)

func activation(t testing.TB, words ...string) *Activation {
	t.Helper()
	a, err := ParseActivation(words)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestNoActivationMeansThatEverythingReachesThePlugin(t *testing.T) {
	for name, a := range map[string]*Activation{"nil": nil, "zero": {}, "no words": activation(t)} {
		if !a.Empty() || !a.MatchMessage("x") || !a.MatchMessage("") || !a.MatchEvent("message:edited") {
			t.Errorf("%s: something does not reach it", name)
		}
	}
}

func TestActivationLetsThroughWhatItNames(t *testing.T) {
	a := activation(t, "message:!weather", "message:/(?i)\\brain\\b/", "message:/", "event:plugin:karma:given", "command:weather")
	for content, want := range map[string]bool{"!weather Oslo": true, "!Weather": false, "any RAIN today": true, "rainy": false, "/x": true, "": false, " !weather": false} {
		if a.MatchMessage(content) != want {
			t.Errorf("message %q reaches it: %v", content, !want)
		}
	}
	for name, want := range map[string]bool{"plugin:karma:given": true, "plugin:karma": false, "": false} {
		if a.MatchEvent(name) != want {
			t.Errorf("event %q reaches it: %v", name, !want)
		}
	}
	if a.Empty() {
		t.Error("an activation of words is empty")
	}
	if s := activation(t, "startup"); s.Empty() || s.MatchMessage("x") || s.MatchEvent("x") {
		t.Error("startup alone names no message and no event")
	}
}

func TestParseActivationNamesTheWrongWord(t *testing.T) {
	for word, hint := range map[string]string{
		"message:": "message:PREFIX", "message://": "between the slashes", "message:/(/": "RE2", "message:/(?=x)/": "RE2", "message:/" + strings.Repeat("a", 257) + "/": "256 bytes",
		"message:/((a{30}){30})/": "cheaper", "event:": "event:NAME", "command:": "command:NAME", "command:a b": "command:NAME", "mesage:x": `"message"`, "Startup": `"startup"`, "": "startup",
	} {
		_, err := ParseActivation([]string{"startup", word})
		if err == nil || !strings.Contains(err.Error(), "activation[1]") || !strings.Contains(err.Error(), hint) {
			t.Errorf("%q: %v; want an error with %q", word, err, hint)
		}
	}
}

// One message is held against 1,000 plugins of which one matches.
func BenchmarkMatchMessage(b *testing.B) {
	for name, word := range map[string]string{"prefix": "message:!plugin%d ", "expression": "message:/^!plugin%d\\b/"} {
		b.Run(name, func(b *testing.B) {
			all := make([]*Activation, 1000)
			for i := range all {
				all[i] = activation(b, fmt.Sprintf(word, i))
			}
			for b.Loop() {
				matched := 0
				for _, a := range all {
					if a.MatchMessage("!plugin500 how is the weather in Oslo today?") {
						matched++
					}
				}
				if matched != 1 {
					b.Fatal(matched)
				}
			}
		})
	}
}

// The dearest expression that is accepted, on a message of 4 KiB.
func BenchmarkMatchDearestExpression(b *testing.B) {
	a := activation(b, `message:/(.{1,60}x?){2}[^q]*q/`)
	message := strings.Repeat("x", 4<<10)
	for b.Loop() {
		a.MatchMessage(message)
	}
}
