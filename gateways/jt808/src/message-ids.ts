/** The messages that the gateway itself knows, by what the standard calls them; all others it only passes on. */
export const MessageId = {
  terminalResponse: 0x0001,
  heartbeat: 0x0002,
  logout: 0x0003,
  timeQuery: 0x0004,
  partsRequest: 0x0005,
  registration: 0x0100,
  authentication: 0x0102,
  driver: 0x0702,
  multimedia: 0x0801,
  terminalKey: 0x0a00,
  platformResponse: 0x8001,
  partsRequestDown: 0x8003,
  time: 0x8004,
  registrationResponse: 0x8100,
  driverRequest: 0x8702,
  multimediaResponse: 0x8800,
  platformKey: 0x8a00,
} as const;

/** Results of the platform's general response (JT/T 808-2013 §8.2). */
export const Result = { success: 0, failure: 1, messageWrong: 2 } as const;

/** Which message answers a command, where it is not, or not only, the terminal's general response. */
const ANSWERS: ReadonlyMap<number, number> = new Map([
  [0x8104, 0x0104],
  [0x8106, 0x0104],
  [0x8107, 0x0107],
  [0x8108, 0x0108],
  [0x8201, 0x0201],
  [0x8302, 0x0302],
  [0x8500, 0x0500],
  [0x8608, 0x0608],
  [0x8700, 0x0700],
  [MessageId.driverRequest, MessageId.driver],
  [0x8801, 0x0805],
  [0x8802, 0x0802],
  // JT/T 1078
  [0x9003, 0x1003],
  [0x9205, 0x1205],
]);

/** Messages to a terminal that it does not answer. */
const UNANSWERED: ReadonlySet<number> = new Set([
  MessageId.platformResponse,
  MessageId.partsRequestDown,
  MessageId.time,
  MessageId.registrationResponse,
  MessageId.multimediaResponse,
  MessageId.platformKey,
]);

/** Messages that have no general response: answers to the platform's own, and 0x0A00, whose answer is 0x8A00. */
const NOT_CONFIRMED: ReadonlySet<number> = new Set([
  MessageId.terminalResponse,
  MessageId.terminalKey,
  ...[...ANSWERS.values()].filter((id) => id !== MessageId.driver),
]);

/** Whether a command is answered at all. */
export function isAnswered(command: number): boolean {
  return !UNANSWERED.has(command);
}

/** Whether a message of a terminal is to be answered, if it was not asked for. */
export function isConfirmed(id: number): boolean {
  return !NOT_CONFIRMED.has(id);
}

/** A command as it was sent. */
export interface SentCommand {
  readonly id: number;
  /** Serial number of its first frame, and how many it has. */
  readonly serial: number;
  readonly frames: number;
}

/** Whether a message answers a command: by its id, and by the serial number where it has one. */
export function answers(id: number, body: Readonly<Record<string, unknown>>, command: SentCommand): boolean {
  const isGeneral = id === MessageId.terminalResponse && body.id === command.id;
  if (!isGeneral && ANSWERS.get(command.id) !== id) return false;
  const { seq } = body;
  return typeof seq !== 'number' || ((seq - command.serial) & 0xffff) < command.frames;
}
