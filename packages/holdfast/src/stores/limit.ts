/**
 * Who has to go under a limit: of the sessions that count against it, those over it, the oldest admissions first; of two at
 * one instant the one with the lesser id.
 */
export function oldestOverLimit(
  counted: readonly string[],
  admittedAt: ReadonlyMap<string, number>,
  limit: number,
): readonly string[] {
  const at = (id: string): number => admittedAt.get(id) ?? 0;
  const oldestFirst = counted.toSorted((a, b) => at(a) - at(b) || (a < b ? -1 : 1));
  return oldestFirst.slice(0, Math.max(0, counted.length - limit));
}
