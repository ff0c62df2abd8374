package guest

import (
	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

// laterMembers are the parts of the contract that this version does not offer:
// calling one says so, instead of "undefined is not a function".
var laterMembers = func() (members jsruntime.Members) {
	for _, name := range []string{
		"streamMessage", "updateMessage", "deleteMessage", "react", "typing",
		"getUser", "getChannel", "history", "ask",
		"registerTool", "callTool", "complete", "route", "expose", "call",
	} {
		members = append(members, async(name, func(g *guest, _ goja.FunctionCall) goja.Value {
			g.throw(bridge.Errorf(bridge.NotSupportedErrorName, "context.api.%s is not offered by this version", name))
			return nil
		}))
	}
	return members
}()
