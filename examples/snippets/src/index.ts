// Snippets: templates that people send by name. The templates are Mustache's, an
// npm package, which the packed plugin carries along.
import { definePlugin, type PluginContext } from "innkeeper";
import Mustache from "mustache";
import builtIn from "./snippets.json";
import { valuesIn } from "./values";

// A chat message is text: its & and < are to stay as they are.
Mustache.escape = String;

export default definePlugin({
  initialize({ api, storage }: PluginContext) {
    const say = (content: string) => api.sendMessage({ content });
    const keyOf = (name: unknown) => `snippet:${String(name).toLowerCase()}`;

    api.registerCommand({
      name: "snippet",
      description: "Sends a snippet: /snippet welcome who=Ada",
      options: [
        { name: "snippet", required: true, description: "its name" },
        { name: "values", description: "what to fill in, as name=value" },
      ],
      async handler({ values, author, channel }) {
        const name = String(values.snippet).toLowerCase();
        const template = (await storage.get<string>(keyOf(name))) ?? (Object.hasOwn(builtIn, name) ? builtIn[name as keyof typeof builtIn] : undefined);
        if (template === undefined) return say(`There is no snippet ${name}. /snippets lists them.`);
        return say(Mustache.render(template, { author: author.name, channel, ...valuesIn(String(values.values ?? "")) }));
      },
    });

    api.registerCommand({
      name: "snippet-set",
      description: "Keeps a snippet: /snippet-set bye Goodbye, {{who}}!",
      options: [
        { name: "snippet", required: true, description: "its name" },
        { name: "template", required: true, description: "its text, with {{name}} where a value goes" },
      ],
      async handler({ values }) {
        const template = String(values.template);
        try {
          Mustache.parse(template);
        } catch (error) {
          return say(`This is not a template: ${(error as Error).message}`);
        }
        await storage.set(keyOf(values.snippet), template);
        return say(`The snippet ${String(values.snippet).toLowerCase()} is kept.`);
      },
    });

    api.registerCommand({
      name: "snippets",
      description: "Lists the snippets.",
      async handler() {
        const kept = (await storage.keys({ prefix: keyOf("") })).map((key) => key.slice(keyOf("").length));
        return say(`Snippets: ${[...new Set([...Object.keys(builtIn), ...kept])].sort().join(", ")}`);
      },
    });
  },
});
