// Package examples_test runs each example in a real host, from its folder and
// from the file that it is packed into.
package examples_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/innkeeper-host/innkeeper/packaging"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
)

// TestMain sees to it that a closed host leaves no goroutine behind. The one that
// is let through is a clock of the whole process, which ends by itself once no
// regular expression with a time limit runs.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

// examples are the folders, what is loaded with each, and what must come of it.
var examples = []struct {
	folders []string
	act     func(*testing.T, *room)
}{
	{[]string{"hello"}, hello},
	{[]string{"karma"}, karma},
	{[]string{"polls"}, polls},
	{[]string{"poll-announcer", "polls"}, announcedPolls}, // in the wrong order
	{[]string{"snippets"}, snippets},
}

func TestExamplesRunFromTheirFolders(t *testing.T) {
	for _, e := range examples {
		t.Run(strings.Join(e.folders, "+"), func(t *testing.T) { e.act(t, open(t, e.folders...)) })
	}
}

// A packed plugin needs nothing but its file: it is made of a copy of the folder
// that is gone, with its node_modules, before the file is loaded.
func TestExamplesRunFromTheirPackagesAlone(t *testing.T) {
	for _, e := range examples {
		t.Run(strings.Join(e.folders, "+"), func(t *testing.T) {
			var files []string
			for _, folder := range e.folders {
				copied := filepath.Join(t.TempDir(), folder)
				if err := os.CopyFS(copied, os.DirFS(folder)); err != nil {
					t.Fatal(err)
				}
				_, data := pack(t, copied)
				if err := os.RemoveAll(copied); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join(t.TempDir(), folder+".plugin.json")
				if err := os.WriteFile(file, data, 0o600); err != nil {
					t.Fatal(err)
				}
				files = append(files, file)
			}
			e.act(t, open(t, files...))
		})
	}
}

func TestExamplesPackTheSameTwice(t *testing.T) {
	for _, folder := range folders(t) {
		t.Run(folder, func(t *testing.T) {
			_, first := pack(t, folder)
			_, second := pack(t, folder)
			if !bytes.Equal(first, second) {
				t.Errorf("packing %s twice gives different bytes", folder)
			}
		})
	}
}

func TestEveryExampleIsRun(t *testing.T) {
	for _, folder := range folders(t) {
		if !slices.ContainsFunc(examples, func(e struct {
			folders []string
			act     func(*testing.T, *room)
		}) bool {
			return slices.Contains(e.folders, folder)
		}) {
			t.Errorf("no test runs the example %s", folder)
		}
	}
}

func TestEveryPermissionOfAnExampleHasAReason(t *testing.T) {
	for _, folder := range folders(t) {
		pkg, _ := pack(t, folder)
		for _, p := range pkg.Manifest.Permissions {
			if p.Reason == "" {
				t.Errorf("%s: the permission %s has no reason", folder, p.Resource)
			}
		}
	}
}

func folders(t *testing.T) []string {
	t.Helper()
	manifests, err := filepath.Glob("*/manifest.json")
	if err != nil || len(manifests) == 0 {
		t.Fatalf("no examples found: %v", err)
	}
	for i, m := range manifests {
		manifests[i] = filepath.Dir(m)
	}
	return manifests
}

// pack packs a folder, without so much as a warning.
func pack(t *testing.T, folder string) (*packaging.Package, []byte) {
	t.Helper()
	pkg, warnings, err := bundle.Pack(folder, bundle.PackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range warnings {
		t.Errorf("%s: %s: %s", folder, w.Field, w.Message)
	}
	data, err := pkg.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return pkg, data
}

func hello(t *testing.T, r *room) {
	r.expect("Ada", "good morning")
	r.expect("Ada", "show me an !example", "Hello from example plugin!")

	m := r.last()
	if m.Author.ID != "plugin:example-plugin" || m.Author.Name != "Example plugin" || !m.Author.Bot || m.Role != "assistant" || m.Channel != "general" {
		t.Errorf("the answer is not the plugin's: %+v", m)
	}
	c := r.host.Contributions()
	if len(c.Components) != 1 || c.Components[0].Name != "example-widget" || c.Components[0].Position != "sidebar" {
		t.Errorf("components: %+v", c.Components)
	}
	if len(c.Settings) != 1 || c.Settings[0].Schema.Field("enableFeature") == nil {
		t.Errorf("settings: %+v", c.Settings)
	}
}

func karma(t *testing.T, r *room) {
	r.expect("Ada", "/karma-top", "Nobody has karma yet. Thank someone: name++")
	r.expect("Ada", "@Grace++ for the compiler, and linus++!", "grace has 1 point now.", "linus has 1 point now.")
	r.expect("Linus", "thank you grace++", "grace has 2 points now.")
	r.expect("Grace", "i++ in C++, and a--b too")
	r.expect("Grace", "grace++", "Nice try, Grace: karma comes from others.")
	r.expect("Grace", "linus-- linus--", "linus has 0 points now.")
	r.expect("Grace", "/karma", "grace has 2 points.")
	r.expect("Grace", "/karma @Linus", "linus has 0 points.")
	r.expect("Grace", "/karma-top 1", "1. grace: 2 points")

	monday := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	if got := r.passUntil(monday); !slices.Equal(got, []string{"Karma of the week:\n1. grace: 2 points"}) {
		t.Errorf("the summary of the first week: %q", got)
	}

	set := func(changes map[string]any) {
		t.Helper()
		if err := r.host.SetSettings(r.context(), "karma", changes); err != nil {
			t.Fatal(err)
		}
		r.settle()
	}
	set(map[string]any{"answers": []any{"down"}, "votesPerMessage": 1.0, "votesForSelf": true, "summaryDay": "fri", "summaryChannel": "news"})
	r.expect("Grace", "grace++ linus--")
	r.expect("Ada", "linus--", "linus has -1 point now.")
	if got := r.passUntil(time.Date(2026, 12, 4, 9, 0, 0, 0, time.UTC)); !slices.Equal(got, []string{"Karma of the week:\n1. grace: 1 point\n2. linus: -1 point"}) {
		t.Errorf("the summary of the second week, on the day that was set: %q", got)
	}
	if channel := r.last().Channel; channel != "news" {
		t.Errorf("the summary went to %q, set was news", channel)
	}
}

func polls(_ *testing.T, r *room) {
	r.expect("Ada", "/vote 1", "No poll is open here. Open one with /poll.")
	r.expect("Ada", "/poll-close", "No poll is open here.")
	r.expect("Ada", "/poll Lunch? soup", "A poll needs at least two choices, with a comma between them.")
	r.expect("Ada", `/poll "Which lunch?" pizza, soup, soup`, "Poll: Which lunch?\n  1. pizza\n  2. soup\nVote with /vote NUMBER.")
	r.expect("Grace", "/poll Dinner? rice, beans", "There is a poll open already: Which lunch?\nEnd it with /poll-close.")
	r.expect("Grace", "/vote 3", "There is no choice 3; there are 2.")
	r.expect("Grace", "/vote 1", "Grace has voted. Votes so far: 1.")
	r.expect("Grace", "/vote 2", "Grace has voted. Votes so far: 1.")
}

func announcedPolls(t *testing.T, r *room) {
	polls(t, r)
	r.expect("Ada", "/vote 2", "Ada has voted. Votes so far: 2.")
	r.expect("Ada", "/poll-close", "The poll is closed: Which lunch?", "soup wins with 2 votes!")
	if author := r.last().Author.ID; author != "plugin:poll-announcer" {
		t.Errorf("the result was announced by %s", author)
	}
	r.expect("Ada", "/poll Tea? yes, no", "Poll: Tea?\n  1. yes\n  2. no\nVote with /vote NUMBER.")
	r.expect("Ada", "/poll-close", "The poll is closed: Tea?", "Nobody voted.")
}

func snippets(_ *testing.T, r *room) {
	r.expect("Ada", "/snippets", "Snippets: docs, welcome")
	r.expect("Ada", "/snippet Welcome who=Grace", "Welcome, Grace! Make yourself at home in #general.")
	r.expect("Ada", `/snippet docs page="Tips & <tricks>"`, `The answer is in the documentation, on the page "Tips & <tricks>".`)
	r.expect("Ada", "/snippet bye", "There is no snippet bye. /snippets lists them.")
	r.expect("Ada", "/snippet-set bye Goodbye{{#who", "This is not a template: Unclosed tag at 13")
	r.expect("Ada", "/snippet-set bye Goodbye, {{who}}, says {{author}}.", "The snippet bye is kept.")
	r.expect("Ada", "/snippet bye who=all", "Goodbye, all, says Ada.")
	r.expect("Ada", "/snippets", "Snippets: bye, docs, welcome")
}
