import { Headers } from './headers.js';

/** Commands of the three versions, by who may send them. */
export const CLIENT_COMMANDS = [
  'CONNECT',
  'STOMP',
  'SEND',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'ACK',
  'NACK',
  'BEGIN',
  'COMMIT',
  'ABORT',
  'DISCONNECT',
] as const;
export const SERVER_COMMANDS = ['CONNECTED', 'MESSAGE', 'RECEIPT', 'ERROR'] as const;

export type ClientCommand = (typeof CLIENT_COMMANDS)[number];
export type ServerCommand = (typeof SERVER_COMMANDS)[number];
export type Command = ClientCommand | ServerCommand;

/** Frames that may have a body; all others must not (STOMP 1.2, “Body”). */
export const COMMANDS_WITH_BODY: readonly Command[] = ['SEND', 'MESSAGE', 'ERROR'];

/** Frames whose headers are not escaped in any version, for the sake of STOMP 1.0 (STOMP 1.2, “Value Encoding”). */
export const UNESCAPED_COMMANDS: readonly Command[] = ['CONNECT', 'STOMP', 'CONNECTED'];

/** One frame: STOMP 1.2, “STOMP Frames”. */
export interface StompFrame {
  readonly command: Command;
  readonly headers: Headers;
  /** What a decoder gives is a view into the chunk that it came in. */
  readonly body: Buffer;
}

const NO_BODY = Buffer.alloc(0);

/** Makes a frame. @param headers names and values in turn */
export function frame(command: Command, headers: readonly string[], body: Buffer = NO_BODY): StompFrame {
  return { command, headers: new Headers(headers), body };
}
