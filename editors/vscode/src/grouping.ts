export type Grouping = "severity" | "rule" | "file";

/** The severities, worst first: what the editor's own mean here. */
export const SEVERITIES = ["Critical", "High", "Medium", "Low"];

/** The place of an editor's severity in that list: they are in the same order. */
export function rank(severity: number): number {
  return Math.min(Math.max(severity, 0), SEVERITIES.length - 1);
}

/** Sorts by numbers first and texts then. */
export function sorted<T>(items: T[], by: (item: T) => [number, string]): T[] {
  const keyed = items.map((item) => ({ item, key: by(item) }));
  keyed.sort(({ key: [a, x] }, { key: [b, y] }) => a - b || (x < y ? -1 : x > y ? 1 : 0));
  return keyed.map(({ item }) => item);
}
