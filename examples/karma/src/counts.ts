import type { PluginStorage } from "innkeeper";

/** A name and its points. */
export type Count = [name: string, points: number];

const prefix = "total:";
const atLastSummary = "at-last-summary";

/** The counts of everybody, in the plugin's storage. */
export class Counts {
  constructor(private storage: PluginStorage) {}

  /** Adds to a count and resolves to the new one. Two votes at once both count. */
  add(name: string, by: number): Promise<number> {
    return this.storage.increment(prefix + name, by);
  }

  async of(name: string): Promise<number> {
    return (await this.storage.get<number>(prefix + name)) ?? 0;
  }

  /** Everybody's count, the highest first. */
  async all(): Promise<Count[]> {
    const counts: Count[] = [];
    for (let after: string | undefined; ; ) {
      const page = await this.storage.entries<number>({ prefix, after });
      if (page.length === 0) break;
      for (const [key, points] of page) counts.push([key.slice(prefix.length), points]);
      after = page[page.length - 1][0];
    }
    return highestFirst(counts);
  }

  /** What was counted since the last call of closeWeek, and the counts it is based on. */
  async week(): Promise<{ changes: Count[]; totals: Count[] }> {
    const before = new Map(await this.storage.get<Count[]>(atLastSummary));
    const totals = await this.all();
    const changes = totals.map(([name, points]): Count => [name, points - (before.get(name) ?? 0)]);
    return { changes: highestFirst(changes.filter(([, points]) => points !== 0)), totals };
  }

  /** Ends the week at these counts; votes that came meanwhile belong to the next one. */
  closeWeek(totals: Count[]): Promise<void> {
    return this.storage.set(atLastSummary, totals);
  }
}

function highestFirst(counts: Count[]): Count[] {
  return counts.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
