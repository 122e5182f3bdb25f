/** Whom a statement binds. What binds only clients is not for a server to be tested on. */
export type Bound = 'server' | 'client' | 'both';

/** A normative statement of a standard, by the number that the standard gives it. */
export interface Statement {
  /** `MQTT-3.1.2-1`. */
  readonly id: string;
  readonly binds: Bound;
  /** What it is about, in words of our own. */
  readonly about: string;
  /** Why no sequence shows it, where none can. */
  readonly untestable?: string | undefined;
}

/** A statement as the tables have it. */
export type StatementRow = readonly [id: string, binds: Bound, about: string, untestable?: string];

export function statements(rows: readonly StatementRow[]): readonly Statement[] {
  return rows.map(([id, binds, about, untestable]) => ({ id: `MQTT-${id}`, binds, about, untestable }));
}
