/**
 * What a connected client is like, MQTT-SN 1.2 §6.14. Nothing is sent to one that is asleep; one that is awake is sent what
 * has been waiting for it.
 */
export const CLIENT_STATES = ['active', 'asleep', 'awake'] as const;
export type ClientState = (typeof CLIENT_STATES)[number];

export type ClientEvent =
  /** DISCONNECT with a duration. */
  | 'sleep'
  /** PINGREQ. */
  | 'ping'
  /** All that waited has been sent and acknowledged. */
  | 'drained'
  /** DISCONNECT without a duration. */
  | 'leave'
  /** Nothing came for the keep alive, or the sleep, that it announced. */
  | 'silence'
  /** It has not answered what was sent `max_retries` times again. */
  | 'unanswered';

/** How a client may end: by its own wish, or lost, so that its will is published. */
export type ClientEnd = 'disconnected' | 'lost';

/**
 * Figure 3 of MQTT-SN 1.2 §6.14; what is missing changes nothing. CONNECT leads to `active` from everywhere. An awake
 * client that falls silent has gone back to sleep, and is lost only when it does not come back in time.
 */
const TRANSITIONS: Readonly<
  Record<ClientState, Readonly<Partial<Record<ClientEvent, ClientState | ClientEnd>>>>
> = {
  active: { sleep: 'asleep', leave: 'disconnected', silence: 'lost', unanswered: 'lost' },
  asleep: { sleep: 'asleep', ping: 'awake', leave: 'disconnected', silence: 'lost' },
  awake: {
    sleep: 'asleep',
    ping: 'awake',
    drained: 'asleep',
    leave: 'disconnected',
    silence: 'lost',
    unanswered: 'asleep',
  },
};

export function nextState(state: ClientState, event: ClientEvent): ClientState | ClientEnd {
  return TRANSITIONS[state][event] ?? state;
}

const MINUTE = 60;

/**
 * How long a client may be silent that announced a duration, which the gateway takes 50% longer up to a minute, and 10%
 * above (MQTT-SN 1.2 §7.2).
 * @param duration seconds, of keep alive or sleep
 * @returns milliseconds; 0 for ever
 */
export function toleratedSilence(duration: number): number {
  return duration * (duration > MINUTE ? 1100 : 1500);
}
