package innkeeper_test

import (
	"testing"
	"time"

	"github.com/innkeeper-host/innkeeper/internal/clock"
)

func TestStorageKeepsValuesAsTheyWere(t *testing.T) {
	h := open(t)
	h.load(plugin("store", "storage:read,write", logTries+`
		const back = async (name, v) => { await storage.set("k", v); const w = await storage.get("k"); log(name, w, Object.prototype.toString.call(w)); };
		await back("number", 1.5); await back("zero", -0); await back("text", "é\u0000\ud83d\ude00"); await back("yes", true); await back("null", null);
		await back("array", [1, [2, { a: undefined, b: [undefined, () => 1] }]]);
		await back("date", new Date(0)); await back("not finite", [NaN, Infinity]);
		await back("proto", JSON.parse('{"__proto__":{"x":1},"constructor":2}'));
		await back("bytes", new Uint8Array([0, 255, 7]));
		await back("part", new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2));
		await back("no bytes", new Uint8Array());
		await storage.set("lone", ["\udfff", "\ufffd", "a\ud800\n\u0001\"<\ud83d\ude00"]);
		// As much of a lone surrogate is left as the engine's own JSON leaves.
		const lone = ["\udfff", "\ufffd", "a\ud800\n\u0001\"<\ud83d\ude00"];
		log("lone", JSON.stringify(await storage.get("lone")) === JSON.stringify(JSON.parse(JSON.stringify(lone))));
		await storage.set("bytes", new Uint8Array([1]));
		const x: any = await storage.get("bytes"); x[0] = 9;
		log("a copy", (await storage.get("bytes") as any)[0], (await storage.get("bytes")) instanceof Uint8Array);
	`))
	same(t, "lines", h.lines("store"), []string{
		"number 1.5 [object Number]", "zero 0 [object Number]", "text é\\u0000😀 [object String]", "yes true [object Boolean]", "null null [object Null]",
		`array [1,[2,{"b":[null,null]}]] [object Array]`, "date 1970-01-01T00:00:00.000Z [object String]", "not finite [null,null] [object Array]",
		`proto {"__proto__":{"x":1},"constructor":2} [object Object]`,
		`bytes {"0":0,"1":255,"2":7} [object Uint8Array]`, `part {"0":2,"1":3} [object Uint8Array]`, "no bytes {} [object Uint8Array]",
		"lone true", "a copy 1 true",
	})
}

func TestStorageMembers(t *testing.T) {
	h := open(t)
	h.load(plugin("store", "storage:read,write", logTries+`
		await attempt("missing", () => storage.get("nothing"));
		await attempt("set", () => storage.set("a", 1));
		await attempt("has", async () => [await storage.has("a"), await storage.has("b")]);
		await attempt("setMany", () => storage.setMany({ b: 2, c: { x: 3 }, "d/1": 4, "d/2": 5 }));
		await attempt("getMany", () => storage.getMany(["c", "nothing", "a"]));
		await attempt("getMany none", () => storage.getMany([]));
		await attempt("keys", () => storage.keys());
		await attempt("prefix", () => storage.keys({ prefix: "d/" }));
		await attempt("after", () => storage.keys({ after: "b", limit: 2 }));
		await attempt("entries", () => storage.entries({ prefix: "d" }));
		await attempt("delete", async () => [await storage.delete("a"), await storage.delete("a")]);
		await attempt("increment", async () => [await storage.increment("n"), await storage.increment("n", 2.5), await storage.increment("n", -1)]);
		await attempt("increment text", async () => { await storage.set("s", "x"); await storage.increment("s"); });
		await attempt("update", () => storage.update("u", (v: any) => ({ n: (v?.n ?? 0) + 1 })));
		await attempt("update later", () => storage.update("u", async (v: any) => { await null; return { n: v.n + 1 }; }));
		await attempt("update away", () => storage.update("u", () => undefined));
		await attempt("gone", () => storage.has("u"));
		await attempt("update throws", () => storage.update("u", () => { throw new RangeError("mine"); }));
		await attempt("usage", async () => { const u: any = await storage.usage(); return [u.keys, u.bytes > 0, u.limit]; });
		await attempt("clear", () => storage.clear());
		await attempt("cleared", () => storage.keys());
	`))
	same(t, "lines", h.lines("store"), []string{
		"missing = undefined", "set = undefined", "has = [true,false]", "setMany = undefined", `getMany = [{"x":3},null,1]`, "getMany none = []",
		`keys = ["a","b","c","d/1","d/2"]`, `prefix = ["d/1","d/2"]`, `after = ["c","d/1"]`, `entries = [["d/1",4],["d/2",5]]`,
		"delete = [true,false]", "increment = [1,3.5,2.5]", `increment text = TypeError: storage key "s" can not be incremented: its value is not a number`,
		`update = {"n":1}`, `update later = {"n":2}`, "update away = undefined", "gone = false", "update throws = RangeError: mine",
		"usage = [6,true,10485760]", "clear = undefined", "cleared = []",
	})
}

func TestStorageRefusesByName(t *testing.T) {
	h := open(t)
	h.load(plugin("store", "storage:read,write", logTries+`
		const s: any = storage;
		const name = (what, f) => attempt(what, async () => { try { await f(); return "did it"; } catch (e) { return e.name; } });
		await name("no key", () => s.get());
		await name("empty key", () => s.set("", 1));
		await name("number key", () => s.get(5));
		await name("long key", () => s.set("k".repeat(513), 1));
		await name("lone surrogate key", () => s.set("\ud800", 1));
		await name("lone surrogate member", () => s.set("k", { "\ud800": 1 }));
		await name("replacement character", () => s.set("\ufffd", { "\ufffd": 1 }));
		await name("undefined", () => s.set("k", undefined));
		await name("function", () => s.set("k", () => 1));
		await name("symbol", () => s.set("k", Symbol()));
		await name("bigint", () => s.set("k", 1n));
		await name("cycle", () => { const a: any = {}; a.a = a; return s.set("k", a); });
		await name("deep", () => s.set("k", JSON.parse("[".repeat(65) + "]".repeat(65))));
		await name("deep enough", () => s.set("k", JSON.parse("[".repeat(64) + "]".repeat(64))));
		await name("big", () => s.set("k", "x".repeat(1 << 20)));
		await name("huge", () => s.set("k", new Array(3e7)));
		await name("all", async () => { for (let i = 0; i < 12; i++) await s.set("big" + i, new Uint8Array(1 << 20)); });
		await name("negative length", () => s.getMany({ length: -1 }));
		await name("long list", () => s.getMany({ length: 1e9 }));
		await name("many", () => s.setMany(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, i]))));
		await name("all or nothing", () => s.setMany({ fine: 1, ["k".repeat(600)]: 2 }));
		log(await s.has("fine"));
		await name("ttl", () => s.set("k", 1, { ttl: 0 }));
		await name("ttl text", () => s.set("k", 1, { ttl: "5" }));
		await name("limit", () => s.keys({ limit: 0 }));
		await name("by", () => s.increment("n", "1"));
		await name("getter", () => s.set("k", { get a() { throw new EvalError("x"); } }));
		await name("proxy", () => s.set("k", new Proxy({}, { ownKeys() { throw new EvalError("x"); } })));
	`))
	same(t, "lines", h.lines("store"), []string{
		"no key = TypeError", "empty key = TypeError", "number key = TypeError", "long key = TypeError", "lone surrogate key = TypeError", "lone surrogate member = TypeError", "replacement character = did it",
		"undefined = TypeError", "function = TypeError", "symbol = TypeError", "bigint = TypeError", "cycle = TypeError", "deep = TypeError", "deep enough = did it",
		"big = QuotaExceededError", "huge = RangeError", "all = QuotaExceededError", "negative length = did it", "long list = RangeError",
		"many = RangeError", "all or nothing = TypeError", "false", "ttl = RangeError", "ttl text = RangeError", "limit = RangeError", "by = TypeError",
		"getter = EvalError", "proxy = EvalError",
	})
	if len(h.states("store")) != 2 {
		t.Errorf("it did not survive: %q, %q", h.states("store"), h.incidents("store"))
	}
}

func TestStorageCallsActInTheirOrder(t *testing.T) {
	h := open(t)
	h.load(plugin("store", "storage:read,write", `
		const got = [];
		for (let i = 0; i < 300; i++) { storage.set("k", i); storage.get("k").then(v => got.push(v)); if (i % 3 === 0) storage.increment("n"); }
		log(await storage.get("k"), await storage.get("n"), got.every((v, i) => v === i), got.length);
	`))
	same(t, "lines", h.lines("store"), []string{"299 100 true 300"})
}

func TestUpdateUnderContentionLosesNothing(t *testing.T) {
	h := open(t)
	h.load(plugin("store", "storage:read,write", `
		const results = await Promise.allSettled(Array.from({ length: 30 }, () => storage.update("n", (v: any) => (v ?? 0) + 1)));
		const good = results.filter(r => r.status === "fulfilled").length;
		const names = new Set(results.filter(r => r.status === "rejected").map((r: any) => r.reason.name));
		log(good === await storage.get("n"), good >= 16, [...names]);
		let turns = 0;
		await storage.update("n", async () => { turns++; await storage.set("n", turns); return 0; }).catch(e => log(e.name, turns, e.message));
	`))
	lines := h.lines("store")
	if len(lines) != 2 {
		t.Fatalf("lines %q", lines)
	}
	holds(t, "contention", lines[0], "true true")
	same(t, "always changed", lines[1], "ConflictError 16 update n: the value changed 16 times while it was being updated")
}

func TestKeysExpire(t *testing.T) {
	c := clock.NewFake(noon)
	h := open(t, fake(c))
	h.load(plugin("store", "storage:read,write messages:read", `
		await storage.set("short", 1, { ttl: 1000 });
		await storage.setMany({ long: 2 }, { ttl: 10000 });
		await storage.set("ever", 3);
		api.onMessage(async () => log(await storage.keys()));`))
	h.say("now")
	c.Advance(2 * time.Second)
	h.say("later")
	c.Advance(20 * time.Second)
	h.say("last")
	same(t, "lines", h.lines("store"), []string{`["ever","long","short"]`, `["ever","long"]`, `["ever"]`})
}

func TestPluginsNeverMeetInStorage(t *testing.T) {
	h := open(t)
	h.load(
		plugin("one", "storage:read,write", `await storage.set("secret", 1); await storage.set("../two/k", 2);`),
		plugin("two", "storage:read,write", `log(await storage.keys(), await storage.get("secret"), await storage.get("local/one/secret")); await storage.clear();`),
	)
	h.load(plugin("three", "storage:read,write", `log(await storage.keys());`))
	same(t, "two", h.lines("two"), []string{"[] undefined undefined"})
	if err := h.Reload(limited(t), "one"); err != nil {
		t.Fatal(err)
	}
	h.load(plugin("one-reader", "storage:read,write", `log(await storage.keys());`))
	same(t, "three", h.lines("three"), []string{"[]"})
}

func TestWhatAFailedInitializeStoredStays(t *testing.T) {
	h := open(t)
	dir := t.TempDir()
	plugin("store", "storage:read,write", `await storage.set("k", 1);`).folder(t, dir)
	if err := h.Load(limited(t), dir); err != nil {
		t.Fatal(err)
	}
	plugin("store", "storage:read,write", `await storage.set("k", 2); throw new Error("x");`).folder(t, dir)
	if err := h.Reload(limited(t), "store"); err == nil {
		t.Fatal("it reloaded")
	}
	plugin("store", "storage:read,write", `log(await storage.get("k"));`).folder(t, dir)
	if err := h.Reload(limited(t), "store"); err != nil {
		t.Fatal(err)
	}
	same(t, "lines", h.lines("store"), []string{"2"})
}
