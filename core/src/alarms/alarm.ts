/** What an alarm tells beside its message, by name. */
export type AlarmDetails = Readonly<Record<string, string | number>>;

/** Something that needs an operator, or did, as messages and the management API show it. */
export interface Alarm {
  /** What it is about; only one of a name is active at a time. */
  readonly name: string;
  /** For people. */
  readonly message: string;
  readonly details: AlarmDetails;
  readonly activated: boolean;
  /** Microseconds since 1970. */
  readonly activate_at: number;
  /** Microseconds since 1970; `infinity` while it is active. */
  readonly deactivate_at: number | 'infinity';
}
