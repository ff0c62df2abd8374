package jsruntime

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/dop251/goja"
	"golang.org/x/time/rate"
)

// consoleMembers is the console object. Every line goes to the runtime's logger
// with the source line that wrote it ("source").
var consoleMembers = Members{
	consoleLine("debug", slog.LevelDebug),
	consoleLine("log", slog.LevelInfo),
	consoleLine("info", slog.LevelInfo),
	Native("dir", func(v *VM, call goja.FunctionCall) goja.Value {
		v.log(slog.LevelInfo, func() string {
			i := &inspector{vm: v, most: inspectDepth}
			i.value(call.Argument(0), 0, true)
			return clip(string(i.out), inspectBytes)
		})
		return goja.Undefined()
	}),
	consoleLine("warn", slog.LevelWarn),
	consoleLine("error", slog.LevelError),
	Native("trace", func(v *VM, call goja.FunctionCall) goja.Value {
		v.log(slog.LevelDebug, func() string {
			text := "Trace: " + v.format(call.Arguments)
			for _, f := range v.frames(v.goja.CaptureCallStack(maxFrames, nil)) {
				text += "\n    at " + f.String()
			}
			return text
		})
		return goja.Undefined()
	}),
	Native("assert", func(v *VM, call goja.FunctionCall) goja.Value {
		if !call.Argument(0).ToBoolean() {
			v.log(slog.LevelError, func() string {
				if len(call.Arguments) < 2 {
					return "Assertion failed"
				}
				return "Assertion failed: " + v.format(call.Arguments[1:])
			})
		}
		return goja.Undefined()
	}),
}

func consoleLine(name string, level slog.Level) Member {
	return Native(name, func(v *VM, call goja.FunctionCall) goja.Value {
		v.log(level, func() string { return v.format(call.Arguments) })
		return goja.Undefined()
	})
}

// LogMembers write to the same log as console, for objects of other packages:
// debug, info, warn and error.
var LogMembers = Members{
	consoleLine("debug", slog.LevelDebug),
	consoleLine("info", slog.LevelInfo),
	consoleLine("warn", slog.LevelWarn),
	consoleLine("error", slog.LevelError),
}

// console limits what one VM may log.
type console struct {
	limit   *rate.Limiter
	dropped int
}

// log writes a line unless the rate limit is used up; then the next line that
// gets through says how many were dropped. text is asked only if it is wanted.
func (v *VM) log(level slog.Level, text func() string) {
	ctx := context.Background()
	if !v.opts.Logger.Enabled(ctx, level) {
		return
	}
	if v.console == nil {
		v.console = &console{limit: rate.NewLimiter(rate.Limit(v.opts.LogRate), int(max(1, 10*v.opts.LogRate)))}
	}
	c := v.console
	if !c.limit.AllowN(v.opts.Clock.Now(), 1) {
		c.dropped++
		return
	}
	if c.dropped > 0 {
		v.opts.Logger.LogAttrs(ctx, slog.LevelWarn, fmt.Sprintf("%d log lines were dropped: more than %g a second", c.dropped, v.opts.LogRate))
		c.dropped = 0
	}
	var attrs []slog.Attr
	if frames := v.frames(v.goja.CaptureCallStack(4, nil)); len(frames) > 0 {
		attrs = append(attrs, slog.String("source", fmt.Sprintf("%s:%d", frames[0].File, frames[0].Line)))
	}
	v.opts.Logger.LogAttrs(ctx, level, text(), attrs...)
}
