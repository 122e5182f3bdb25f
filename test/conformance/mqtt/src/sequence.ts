import type { Version } from './spec/packets.js';
import type { Stage } from './stage.js';

/** One thing that a client does or waits for. */
export interface Step {
  /** Said when the step fails. */
  readonly what: string;
  readonly run: (stage: Stage) => Promise<void> | void;
}

/** Keys of `gateways.mqtt` that a sequence needs to be other than by default. */
export type GatewayKeys = Readonly<Record<string, unknown>>;

/** What clients send to a hub of their own, and what it has to answer. */
export interface Sequence {
  readonly name: string;
  /** The version of all clients, unless a step says otherwise. */
  readonly version: Version;
  /**
   * Normative statements that this shows, `MQTT-3.1.2-1`: of MQTT 5 for version 5, else of MQTT 3.1.1.
   */
  readonly shows: readonly string[];
  readonly config?: GatewayKeys;
  /** Sections of the configuration beside `gateways.mqtt`: `access`, `broker`. */
  readonly sections?: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
}

/** Sequences about one thing. */
export interface Table {
  readonly title: string;
  readonly sequences: readonly Sequence[];
}

type Statements = readonly string[];

/** Statements of MQTT 3.1.1 under 4, of MQTT 5 under 5. A version that is missing has no sequence. */
export type ByVersion = Readonly<Partial<Record<Version, Statements>>>;

/**
 * The same sequence for several versions.
 * @param shows the statements that each shows, which also says for which versions it is
 */
export function each(
  name: string,
  shows: ByVersion,
  steps: (version: Version) => readonly Step[],
  options: Pick<Sequence, 'config' | 'sections'> = {},
): Sequence[] {
  const versions = ([3, 4, 5] as const).filter((version) => shows[version] !== undefined);
  return versions.map((version) => ({
    name,
    version,
    shows: shows[version] ?? [],
    steps: steps(version),
    ...options,
  }));
}

/** A sequence of what only MQTT 5 has. @param shows its statements */
export function mqtt5(
  name: string,
  shows: Statements,
  steps: readonly Step[],
  options: Pick<Sequence, 'config' | 'sections'> = {},
): Sequence {
  return { name, version: 5, shows, steps, ...options };
}
