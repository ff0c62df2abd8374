package consent_test

import (
	"strings"
	"testing"

	"github.com/innkeeper-host/innkeeper/cmd/innkeeper/internal/consent"
	"github.com/innkeeper-host/innkeeper/packaging"
)

func manifest(t *testing.T, permissions string) *packaging.Manifest {
	t.Helper()
	m, _, err := packaging.ParseManifest([]byte(`{"name":"ab","version":"1.0.0","permissions":` + permissions + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEveryAskIsPutIntoWords(t *testing.T) {
	asks := consent.Asks(manifest(t, `[
		{"resource":"messages","actions":["read","send"],"channels":["lobby"],"roles":["system"],"reason":"It an\u001bswers."},
		{"resource":"messages","actions":["intercept"],"failClosed":true},
		{"resource":"network","actions":["fetch"],"hosts":["example.com"],"optional":true}]`))
	var b strings.Builder
	if err := consent.Write(&b, asks); err != nil {
		t.Fatal(err)
	}
	want := `  - Read the messages of the chat (messages:read), only in lobby
  - Send messages in the chat (messages:send), only in lobby; also in the role of system
      Why: It an\u001bswers.
  - Change or stop messages before others see them (messages:intercept), and stop every message while it cannot look at it
  - Exchange data with the hosts that it lists (network:fetch), only example.com; it also works without; this innkeeper does not have it yet
`
	if got := b.String(); got != want {
		t.Errorf("found\n%s\nwanted\n%s", got, want)
	}
	if kept := consent.Granted(asks, []string{"network:fetch"}); len(kept) != 1 || kept[0].Grant != "network:fetch" {
		t.Errorf("granted: %v", kept)
	}
}

func TestNoAbilityIsWithoutWords(t *testing.T) {
	for _, a := range packaging.Abilities() {
		asks := consent.Asks(&packaging.Manifest{Permissions: []packaging.Permission{{Resource: a.Resource, Actions: []string{a.Action}}}})
		if asks[0].Means == "" {
			t.Errorf("%s has no words", asks[0].Grant)
		}
	}
}
