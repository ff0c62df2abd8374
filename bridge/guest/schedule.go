package guest

import (
	"github.com/dop251/goja"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/jsruntime"
)

var scheduleMembers = jsruntime.Members{
	direct("schedule", func(g *guest, call goja.FunctionCall) goja.Value {
		g.require("schedule", "register")
		key := g.text("schedule key", call.Argument(0))
		when := g.object("schedule", call.Argument(1))
		fn, value := g.handler("schedule", call.Argument(2))
		job := bridge.JobInit{Cron: g.textOf(when, "cron"), TimeZone: g.textOf(when, "timeZone"), At: g.moment(when, "at"), Every: g.moment(when, "every")}
		if o := g.options("schedule options", call.Argument(3)); o != nil {
			job.Missed = g.textOf(o, "missed")
		}
		if _, err := job.Schedule(); err != nil {
			g.throwType("schedule %q: %s", key, err)
		}
		return g.register(&registration{kind: bridge.OpSchedule, fn: fn, value: value}, func(e *bridge.Encoder) {
			e.String(key)
			e.JSON(jsonOf(job))
		})
	}),
}

// moment reads at or every: text, a number of milliseconds, or a Date.
func (g *guest) moment(o *goja.Object, name string) string {
	v := orUndefined(o.Get(name))
	if date, ok := v.(*goja.Object); ok && date.ClassName() == "Date" {
		toISO, ok := goja.AssertFunction(date.Get("toISOString"))
		if !ok {
			g.throwType("%s: wanted a Date with toISOString", name)
		}
		text, err := toISO(date)
		if err != nil {
			panic(err)
		}
		return text.String()
	}
	if goja.IsNumber(v) {
		return v.String()
	}
	return g.textOf(o, name)
}
