import type { ConnectMessage } from '@portico/codec-mqtt-sn';
import type { Will } from '@portico/core';
import type { Legacy } from './client-records.js';

/** What a client brings along when it comes in. */
export interface ClientInit {
  readonly clientId: string;
  readonly cleanSession: boolean;
  /** Seconds; 0 for none. */
  readonly keepalive: number;
  readonly will: Will | undefined;
  /** What is remembered of it. */
  readonly legacy: Legacy | undefined;
}

/** What a CONNECT says, see {@link ClientInit}. */
export function clientInit(
  { cleanSession, duration: keepalive }: ConnectMessage,
  clientId: string,
  will: Will | undefined,
  legacy: Legacy | undefined,
): ClientInit {
  return { clientId, cleanSession, keepalive, will, legacy };
}
