/** Reads `who=Ada place="the hotel"` into an object; a word without = is true. */
export function valuesIn(text: string): Record<string, string | true> {
  const values: Record<string, string | true> = {};
  for (const [, name, quoted, plain] of text.matchAll(/([^\s=]+)(?:="([^"]*)"|=(\S*))?/g)) {
    values[name] = quoted ?? plain ?? true;
  }
  return values;
}
