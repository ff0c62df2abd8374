package innkeeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper"
)

func TestLimitsOfOnePluginGoBeforeThoseOfAll(t *testing.T) {
	h := open(t, func(o *innkeeper.Options) {
		o.Limits = innkeeper.Limits{Running: 20 * time.Second, Storage: 4000}
		o.PluginLimits = map[string]innkeeper.Limits{
			"brief": {Running: 500 * time.Millisecond},
			"small": {Storage: 100},
		}
	})
	h.load(
		plugin("brief", "messages:read", `api.onMessage(() => { for (;;) ; });`),
		plugin("small", "messages:read storage:write", `api.onMessage(() => storage.set("k", "x".repeat(200)).catch(e => log(e.name)));`),
		plugin("usual", "messages:read storage:write", `api.onMessage(() => storage.set("k", "x".repeat(200)).then(() => log("stored")));`),
	)
	h.say("go")
	if got := strings.Join(h.incidents("brief"), "|"); !strings.Contains(got, "Plugin execution timed out") {
		t.Errorf("brief: %q", got)
	}
	same(t, "small", strings.Join(h.lines("small"), "|"), "QuotaExceededError")
	same(t, "usual", strings.Join(h.lines("usual"), "|"), "stored")
}
