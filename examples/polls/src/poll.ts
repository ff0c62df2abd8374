/** A poll that is open in a channel. */
export interface Poll {
  question: string;
  choices: string[];
  votes: Record<string, number>; // the chosen one, by the person's id
}

/** What other plugins hear when a poll is closed, as `plugin:polls:closed`. */
export interface ClosedPoll {
  channel: string;
  question: string;
  results: { choice: string; votes: number }[]; // most votes first
}

/** The choices in "pizza, soup, salad"; a choice that is there twice counts once. */
export function choicesIn(text: string): string[] {
  return [...new Set(text.split(",").map((choice) => choice.trim()).filter((choice) => choice !== ""))];
}

export function show(poll: Poll): string {
  const lines = poll.choices.map((choice, i) => `  ${i + 1}. ${choice}`);
  return [`Poll: ${poll.question}`, ...lines, "Vote with /vote NUMBER."].join("\n");
}

export function close(channel: string, poll: Poll): ClosedPoll {
  const votes = Object.values(poll.votes);
  const results = poll.choices.map((choice, i) => ({ choice, votes: votes.filter((v) => v === i).length }));
  return { channel, question: poll.question, results: results.sort((a, b) => b.votes - a.votes) };
}
