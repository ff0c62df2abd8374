// Announces the results of polls. It needs the plugin polls, which the manifest
// says, and nothing of its code: what crosses between plugins is data.
import { definePlugin, type PluginContext } from "innkeeper";

interface ClosedPoll {
  channel: string;
  question: string;
  results: { choice: string; votes: number }[];
}

export default definePlugin({
  initialize({ api, events }: PluginContext) {
    events.on("plugin:polls:closed", async ({ channel, results }: ClosedPoll) => {
      // An event comes from no message, so the answer must say where it goes.
      await api.sendMessage({ channel, content: announce(results) });
    });
  },
});

function announce(results: ClosedPoll["results"]): string {
  const most = results[0].votes;
  if (most === 0) return "Nobody voted.";
  const winners = results.filter(({ votes }) => votes === most).map(({ choice }) => choice);
  const count = `${most} ${most === 1 ? "vote" : "votes"}`;
  return winners.length === 1 ? `${winners[0]} wins with ${count}!` : `A tie between ${winners.join(" and ")}, with ${count} each.`;
}
