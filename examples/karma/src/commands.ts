import type { PluginContext } from "innkeeper";
import type { Counts } from "./counts";
import { points, ranking } from "./text";

export function registerCommands(api: PluginContext["api"], counts: Counts): void {
  api.registerCommand({
    name: "karma",
    description: "How much karma somebody has; without a name, you.",
    options: [{ name: "name", description: "whose karma" }],
    async handler({ values, author }) {
      const name = String(values.name ?? author.name).replace(/^@/, "").toLowerCase();
      await api.sendMessage({ content: `${name} has ${points(await counts.of(name))}.` });
    },
  });

  api.registerCommand({
    name: "karma-top",
    description: "Who has the most karma.",
    options: [{ name: "count", type: "integer", description: "how many people, 5 if you name none" }],
    async handler({ values }) {
      const most = Math.min(Math.max(Number(values.count ?? 5), 1), 50);
      const top = (await counts.all()).slice(0, most);
      await api.sendMessage({ content: top.length > 0 ? ranking(top) : "Nobody has karma yet. Thank someone: name++" });
    },
  });
}
