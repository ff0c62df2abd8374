package innkeeper_test

import (
	"testing"
)

// logTries makes a plugin log what each expression comes to.
const logTries = `
const attempt = async (name, f) => { let v; try { v = await f(); } catch (e) { v = e.name + ": " + e.message; } log(name, "=", v === undefined ? "undefined" : v); };
`

func TestContextGivesWhatItListsAndRefusesTheRestByName(t *testing.T) {
	h := open(t)
	h.load(plugin("plain", "", logTries+`
		const Any = (x: any) => x;
		await attempt("app", () => Any(context).app);
		await attempt("constructor", () => Any(context).constructor);
		await attempt("__proto__", () => Any(context).__proto__);
		await attempt("hasOwnProperty", () => Any(context).hasOwnProperty);
		await attempt("0", () => context[0]);
		await attempt("then", () => Any(context).then);
		await attempt("toJSON", () => Any(context).toJSON);
		await attempt("symbol", () => context[Symbol.toPrimitive]);
		await attempt("iterator", () => context[Symbol.iterator]);
		await attempt("await", async () => (await context) === context);
		await attempt("keys", () => Object.keys(context));
		await attempt("names", () => Reflect.ownKeys(context));
		await attempt("in", () => ["api" in context, "app" in context, "constructor" in context, Symbol.iterator in context]);
		await attempt("own", () => [Object.hasOwn(context, "api"), Object.hasOwn(context, "app"), Object.hasOwn(context, "x")]);
		await attempt("descriptor", () => Object.getOwnPropertyDescriptor(context, "nothing"));
		await attempt("proto", () => Object.getPrototypeOf(context));
		await attempt("plugin", () => ({...context.plugin}));
		await attempt("spread", () => Object.keys({...context}));
		await attempt("json", () => JSON.stringify(context) !== undefined);
		await attempt("storage", () => [context.storage === api.getStorage(), context.storage === context.storage, context.api === context.api]);
	`))
	same(t, "lines", h.lines("plain"), []string{
		"app = TypeError: Access to app is not allowed",
		"constructor = TypeError: Access to constructor is not allowed",
		"__proto__ = TypeError: Access to __proto__ is not allowed",
		"hasOwnProperty = TypeError: Access to hasOwnProperty is not allowed",
		"0 = TypeError: Access to 0 is not allowed",
		"then = undefined",
		"toJSON = undefined",
		"symbol = undefined",
		"iterator = undefined",
		"await = true",
		`keys = ["api","storage","events","plugin","log"]`,
		`names = ["api","storage","events","plugin","log"]`,
		"in = [true,false,false,false]",
		"own = [true,false,false]",
		"descriptor = undefined",
		"proto = null",
		`plugin = {"name":"plain","version":"1.0.0"}`,
		`spread = ["api","storage","events","plugin","log"]`,
		"json = true",
		"storage = [true,true,true]",
	})
}

func TestContextCannotBeChanged(t *testing.T) {
	h := open(t)
	h.load(plugin("plain", "app:read", logTries+`
		const c: any = context;
		const refused = async (name, f) => { try { const v = f(); log(name, v === false ? "false" : "did it"); } catch (e) { log(name, "refused"); } };
		await refused("set", () => { c.x = 1; });
		await refused("replace", () => { c.api = 1; });
		await refused("index", () => { c[0] = 1; });
		await refused("symbol", () => { c[Symbol.iterator] = 1; });
		await refused("define", () => Object.defineProperty(c, "x", { value: 1 }));
		await refused("delete", () => { delete c.api; });
		await refused("delete none", () => { delete c.nothing; });
		await refused("proto", () => Object.setPrototypeOf(c, {}));
		await refused("freeze", () => Object.freeze(c));
		await refused("seal", () => Object.seal(c));
		await refused("extend", () => Object.preventExtensions(c));
		await refused("reflect set", () => Reflect.set(c, "x", 1));
		for (const part of ["api", "storage", "events", "plugin", "log"]) {
			await refused(part + " set", () => { "use strict"; c[part].x = 1; });
			await refused(part + " replace", () => { "use strict"; c[part][Object.keys(c[part])[0]] = 1; });
			await refused(part + " delete", () => { "use strict"; delete c[part][Object.keys(c[part])[0]]; });
		}
		log(Object.keys(c), c.app);
		try { c.app.name = "mine"; } catch {}
		console.log(context);
		log("done");
	`))
	for _, line := range h.lines("plain") {
		if len(line) > 7 && line[len(line)-7:] == "did it" {
			t.Error(line)
		}
	}
	lines := h.lines("plain")
	if len(lines) < 3 || lines[len(lines)-1] != "done" {
		t.Fatalf("lines: %q, incidents %q", lines, h.incidents("plain"))
	}
	same(t, "keys", lines[len(lines)-3], `["api","storage","events","plugin","log","app"] {"name":"testchat","version":"1.2.3","features":["threads"]}`)
}
