/** How often each side sends something, in milliseconds; 0 for never (STOMP 1.2, “Heart-beating”). */
export interface HeartBeats {
  /** From the hub to the client. */
  readonly out: number;
  /** From the client to the hub. */
  readonly in: number;
}

const NO_HEART_BEATS: HeartBeats = { out: 0, in: 0 };

/** Longest interval that is counted, one day: whoever asks for more gets this. */
const LONGEST = 86_400_000;

const HEADER = /^\s*(\d+)\s*,\s*(\d+)\s*$/;

/**
 * What both sides agree on: the hub can do, and wants, what the client asks for, but nothing more often than
 * `shortest`.
 * @param header `heart-beat` of CONNECT: how often the client can send, and wants to be sent, something
 * @param shortest milliseconds
 * @returns undefined when the header is none
 */
export function agree(header: string | undefined, shortest: number): HeartBeats | undefined {
  if (header === undefined) return NO_HEART_BEATS;
  const [, can, wants] = HEADER.exec(header) ?? [];
  if (can === undefined || wants === undefined) return undefined;
  return { out: interval(Number(wants), shortest), in: interval(Number(can), shortest) };
}

function interval(asked: number, shortest: number): number {
  return asked === 0 ? 0 : Math.min(Math.max(asked, shortest), LONGEST);
}

/** The header of CONNECTED that says so. */
export function headerOf(beats: HeartBeats): string {
  return `${beats.out},${beats.in}`;
}
