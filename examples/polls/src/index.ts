// Polls. Who wins is told by whoever listens to plugin:polls:closed, such as the
// example poll-announcer.
import { definePlugin, type CommandCall, type PluginContext } from "innkeeper";
import { choicesIn, close, show, type Poll } from "./poll";

export default definePlugin({
  initialize(context: PluginContext) {
    const { api, storage } = context;
    const say = (content: string) => api.sendMessage({ content });
    const keyOf = (call: CommandCall) => `open:${call.channel}`;

    api.registerCommand({
      name: "poll",
      description: 'Asks a question: /poll "Lunch?" pizza, soup',
      options: [
        { name: "question", required: true, description: "in quotes where it has blanks" },
        { name: "choices", required: true, description: "with commas between them" },
      ],
      async handler(call) {
        const choices = choicesIn(String(call.values.choices));
        if (choices.length < 2) return say("A poll needs at least two choices, with a comma between them.");
        const asked: Poll = { question: String(call.values.question), choices, votes: {} };
        // update looks and writes in one step: of two polls at once, one is opened.
        const open = await storage.update<Poll>(keyOf(call), (poll) => poll ?? asked);
        if (open !== asked) return say(`There is a poll open already: ${open.question}\nEnd it with /poll-close.`);
        return say(show(asked));
      },
    });

    api.registerCommand({
      name: "vote",
      description: "Votes in the open poll; a second vote takes the place of the first.",
      options: [{ name: "number", type: "integer", required: true, description: "of the choice" }],
      async handler(call) {
        const index = Number(call.values.number) - 1;
        const poll = await storage.update<Poll>(keyOf(call), (poll) => {
          if (poll && index in poll.choices) poll.votes[call.author.id] = index;
          return poll;
        });
        if (!poll) return say("No poll is open here. Open one with /poll.");
        if (!(index in poll.choices)) return say(`There is no choice ${index + 1}; there are ${poll.choices.length}.`);
        return say(`${call.author.name} has voted. Votes so far: ${Object.keys(poll.votes).length}.`);
      },
    });

    api.registerCommand({
      name: "poll-close",
      description: "Ends the open poll.",
      async handler(call) {
        // Nothing in the place of the poll: no vote can slip in behind its last
        // state, and of two who close it at once, one does.
        let closed: Poll | undefined;
        await storage.update<Poll>(keyOf(call), (poll) => {
          closed = poll;
          return undefined;
        });
        if (!closed) return say("No poll is open here.");
        await say(`The poll is closed: ${closed.question}`);
        return api.emit("closed", close(call.channel, closed));
      },
    });
  },
});
