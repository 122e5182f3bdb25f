/**
 * A JSON object with its members in the order of their names, last to first, as the reference writes them.
 * @param members names with values that are JSON already; of those with the same name the last counts
 */
export function jsonObject(members: Iterable<readonly [name: string, json: string]>): string {
  const sorted = [...new Map(members)].sort(([a], [b]) => (a < b ? 1 : -1));
  return `{${sorted.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}
