/** One vote that somebody wrote in a message. */
export interface Vote {
  name: string; // in lower case, without @
  by: 1 | -1;
}

// A name has at least two characters, so that `i++` and C++ are no votes. What
// follows must be a blank, the end, or the end of a sentence: `a--b` is none.
const pattern = /(?<=^|\s)@?([^\s@+,;:.!?()]{1,31}[^\s@+,;:.!?()-])(\+\+|--)(?=$|[\s,;:.!?)])/g;

/** The votes in a message, in their order; each name counts once. */
export function votesIn(content: string): Vote[] {
  const votes = new Map<string, Vote>();
  for (const [, name, sign] of content.matchAll(pattern)) {
    const key = name.toLowerCase();
    if (!votes.has(key)) votes.set(key, { name: key, by: sign === "++" ? 1 : -1 });
  }
  return [...votes.values()];
}
