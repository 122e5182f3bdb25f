/** A normative statement of a standard, by the number that the standard gives it. */
export interface Statement {
  /** `MQTT-3.1.2-1`. */
  readonly id: string;
  /** Whom it binds. What binds only clients is not for a server to be tested on. */
  readonly binds: 'server' | 'client' | 'both';
  /** What it is about, in a few words of our own. */
  readonly about: string;
  /** Why no sequence can show it, where none can. */
  readonly untestable?: string;
}
