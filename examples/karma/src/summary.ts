import type { Disposable, PluginContext } from "innkeeper";
import type { Counts } from "./counts";
import type { Settings } from "./settings";
import { ranking } from "./text";

/** The weekly summary: a job on the day that the settings name. */
export class Summary {
  private job?: Disposable;

  constructor(private api: PluginContext["api"], private counts: Counts) {}

  /** Plans the job anew, as the settings say now. */
  plan(settings: Settings): void {
    this.job?.dispose();
    this.job = undefined;
    if (settings.summaryDay === "never") return;
    // A summary that fell due while the server was down is sent when it is back.
    this.job = this.api.schedule("weekly-summary", { cron: `0 9 * * ${settings.summaryDay}` }, () => this.send(), { missed: "run" });
  }

  private async send(): Promise<void> {
    const { changes, totals } = await this.counts.week();
    if (changes.length === 0) return;
    const { summaryChannel } = this.api.getSettings() as Settings;
    await this.api.sendMessage({
      channel: summaryChannel, // a job has no message to answer, so it must say where
      content: `Karma of the week:\n${ranking(changes.slice(0, 10))}`,
    });
    await this.counts.closeWeek(totals);
  }
}
