import type { IncomingResponse } from '@portico/coap-endpoint';
import { classOf, decodeBlock, OptionNumber } from '@portico/codec-coap';
import type { AnswerReading } from '../commands/answer-content.js';
import { dataOf, messageText } from '../commands/answers.js';
import type { Observation } from './observation.js';

/** Observe of a notification; undefined where there is none: it is the last one (RFC 7641 §3.2). */
export function sequenceOf({ options }: IncomingResponse): number | undefined {
  return options.find(({ number }) => number === OptionNumber.Observe)?.uint;
}

/** Whether the device sends no more after a notification, RFC 7641 §3.2: it is an error, or says nothing of Observe. */
export function isLast(message: IncomingResponse): boolean {
  return classOf(message.code) !== 2 || sequenceOf(message) === undefined;
}

/** Whether a notification is only the first block of what is to be told, RFC 7959 §2.6. */
export function isFirstBlock({ options }: IncomingResponse): boolean {
  const option = options.find(({ number }) => number === OptionNumber.Block2);
  return option !== undefined && decodeBlock(option.uint)?.more === true;
}

/**
 * A notification as applications get it: the fields of the command that asked for it, `seqNum`, and what is observed.
 * @throws FrameError for a payload that is not what its content format says
 */
export function notificationText(
  { command }: Observation,
  message: IncomingResponse,
  reading: AnswerReading,
): Buffer {
  const data = dataOf(command, message, reading);
  return messageText({ ...command.fields, msgType: 'notify', seqNum: sequenceOf(message), data });
}
