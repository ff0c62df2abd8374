// Karma: thanks that are counted. Votes are read in votes.ts, kept in counts.ts;
// commands.ts and summary.ts show them.
import { definePlugin, type Message, type PluginContext } from "innkeeper";
import { registerCommands } from "./commands";
import { Counts } from "./counts";
import { settingsSchema, type Settings } from "./settings";
import { Summary } from "./summary";
import { points } from "./text";
import { votesIn } from "./votes";

export default definePlugin({
  initialize(context: PluginContext) {
    const { api } = context;
    const counts = new Counts(context.storage);

    api.registerSettings(settingsSchema);
    api.onMessage((message) => count(message, api, counts));
    registerCommands(api, counts);

    const summary = new Summary(api, counts);
    summary.plan(api.getSettings() as Settings);
    api.onSettingsChange((settings: Settings) => summary.plan(settings));
  },
});

/** Counts the votes of one message, and answers where the settings say so. */
async function count(message: Message, api: PluginContext["api"], counts: Counts): Promise<void> {
  // An assistant that explains `i++` gives nobody karma.
  if (message.role !== "user") return;

  const settings = api.getSettings() as Settings;
  for (const vote of votesIn(message.content).slice(0, settings.votesPerMessage)) {
    if (vote.name === message.author.name.toLowerCase() && !settings.votesForSelf) {
      await api.sendMessage({ content: `Nice try, ${message.author.name}: karma comes from others.` });
      continue;
    }
    const total = await counts.add(vote.name, vote.by);
    if (settings.answers.includes(vote.by > 0 ? "up" : "down")) {
      await api.sendMessage({ content: `${vote.name} has ${points(total)} now.` });
    }
  }
}
