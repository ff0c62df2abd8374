/** What an operator can set. */
export const settingsSchema = {
  answers: {
    type: "multiselect",
    label: "Answer in the chat",
    options: [
      { value: "up", label: "when somebody gets a point" },
      { value: "down", label: "when somebody loses one" },
    ],
    default: ["up", "down"],
  },
  votesPerMessage: {
    type: "number",
    label: "Votes that count in one message",
    min: 1,
    max: 20,
    default: 5,
  },
  votesForSelf: {
    type: "boolean",
    label: "People may give themselves karma",
    default: false,
  },
  summaryDay: {
    type: "select",
    label: "Weekly summary, at 9:00 UTC on",
    options: ["never", "mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    default: "mon",
  },
  summaryChannel: {
    type: "string",
    label: "Channel of the weekly summary",
    required: true,
    default: "general",
  },
} as const;

export interface Settings {
  answers: ("up" | "down")[];
  votesPerMessage: number;
  votesForSelf: boolean;
  summaryDay: string;
  summaryChannel: string;
}
