import type { Count } from "./counts";

/** "1 point", "-3 points". */
export function points(n: number): string {
  return `${n} ${Math.abs(n) === 1 ? "point" : "points"}`;
}

/** A numbered list, one name a line. */
export function ranking(counts: Count[]): string {
  return counts.map(([name, n], i) => `${i + 1}. ${name}: ${points(n)}`).join("\n");
}
