package chat

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

var remind = Command{Name: "remind", Shown: "remind", Description: "Reminds you.", Options: []CommandOption{
	{Name: "minutes", Type: "integer", Required: true, Description: "how long"},
	{Name: "loud", Type: "boolean"},
	{Name: "how", Choices: []string{"here", "direct"}},
	{Name: "text"},
}}

func TestWhatWasTypedBecomesValues(t *testing.T) {
	for line, want := range map[string]map[string]any{
		"5":                              {"minutes": 5.0},
		"5 yes":                          {"minutes": 5.0, "loud": true},
		"5 off direct feed the cat  now": {"minutes": 5.0, "loud": false, "how": "direct", "text": "feed the cat  now"},
		`5 no here "two words"`:          {"minutes": 5.0, "loud": false, "how": "here", "text": "two words"},
		"how=direct 10":                  {"minutes": 10.0, "how": "direct"},
		"10 text=tea":                    {"minutes": 10.0, "text": "tea"},
		`minutes=3 text="a b"`:           {"minutes": 3.0, "text": "a b"},
		"5 yes here ünïcode":             {"minutes": 5.0, "loud": true, "how": "here", "text": "ünïcode"},
	} {
		got, err := remind.Parse(line)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %v, %v; wanted %v", line, got, err, want)
		}
	}
}

func TestWhatDoesNotFitIsNamed(t *testing.T) {
	plain := Command{Name: "ping", Shown: "ping"}
	for _, c := range []struct {
		command Command
		line    string
		names   string
	}{
		{remind, "", "MINUTES is missing"},
		{remind, "soon", `MINUTES is "soon", wanted a number`},
		{remind, "1.5", "a whole number"},
		{remind, "NaN", "a number"},
		{remind, "5 perhaps", `LOUD is "perhaps", wanted yes or no`},
		{remind, "5 yes nowhere", "one of here, direct"},
		{plain, "now", `"now" is more than it takes`},
	} {
		_, err := c.command.Parse(c.line)
		if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%q: got %v, wanted an ErrUsage that says %s", c.line, err, c.names)
		}
	}
}

func TestHelpShowsHowACommandIsTyped(t *testing.T) {
	if got, want := remind.Usage(), "/remind MINUTES [LOUD] [here|direct] [TEXT]"; got != want {
		t.Errorf("usage is %q, wanted %q", got, want)
	}
	if help := remind.Help(); !strings.Contains(help, "Reminds you.") || !strings.Contains(help, "MINUTES  how long") {
		t.Errorf("help is %q", help)
	}
}

func TestOptionsThatNoLineCouldFillAreRefused(t *testing.T) {
	for _, c := range []struct {
		options []CommandOption
		says    string
	}{
		{[]CommandOption{{Name: "a"}, {Name: "b", Required: true}}, `"b" is required but comes after the optional "a"`},
		{[]CommandOption{{Name: "a", Required: true}, {Name: "a"}}, "twice"},
		{[]CommandOption{{Name: ""}}, "wanted a name"},
		{[]CommandOption{{Name: "a", Type: "date"}}, `"date"`},
	} {
		if err := (Command{Options: c.options}).Check(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: got %v, wanted %s", c.options, err, c.says)
		}
	}
	if err := remind.Check(); err != nil {
		t.Error(err)
	}
}

// FuzzParse holds that no line makes Parse fail but by ErrUsage, and that every
// value that it returns is one of an option's.
func FuzzParse(f *testing.F) {
	for _, line := range []string{"5 yes here text", `"`, `""`, "minutes=", "minutes=5 minutes=6", "'a b' c", "\x00", "text==", "5  =  ="} {
		f.Add(line)
	}
	names := map[string]bool{"minutes": true, "loud": true, "how": true, "text": true}
	f.Fuzz(func(t *testing.T, line string) {
		values, err := remind.Parse(line)
		if err != nil && !errors.Is(err, ErrUsage) {
			t.Fatalf("%q: %v", line, err)
		}
		for name := range values {
			if !names[name] {
				t.Fatalf("%q: there is no option %q", line, name)
			}
		}
		if err == nil && values["minutes"] == nil {
			t.Fatalf("%q: a required value is missing", line)
		}
	})
}
