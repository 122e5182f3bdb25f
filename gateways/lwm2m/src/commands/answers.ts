import type { IncomingResponse } from '@portico/coap-endpoint';
import { FrameError } from '@portico/frame';
import { type AnswerReading, contentOf } from './answer-content.js';
import { type JsonObject, type JsonValue, jsonObjectText } from './exact-json.js';
import { codeFields, FAILURES, type Failure } from './response-codes.js';

/** What every answer repeats of its command. */
export interface Answered {
  readonly fields: JsonObject;
  readonly reqPath: JsonValue;
}

/** What the device answered; content that cannot be understood is answered with 5.02. */
export function deviceAnswer(command: Answered, response: IncomingResponse, reading: AnswerReading): Buffer {
  try {
    return messageText({ ...command.fields, data: dataOf(command, response, reading) });
  } catch (error) {
    if (error instanceof FrameError) return failureAnswer(command, 'malformed', error.message);
    throw error;
  }
}

/** `data` of an answer or notification, in the order in which EMQX 4 writes it. @throws FrameError as `contentOf` */
export function dataOf(
  { reqPath }: Pick<Answered, 'reqPath'>,
  response: IncomingResponse,
  reading: AnswerReading,
): JsonObject {
  return { reqPath, content: contentOf(response, reading), ...codeFields(response.code) };
}

/** Why there is no answer of the device. @param reason more than the table of failures says */
export function failureAnswer({ fields, reqPath }: Answered, failure: Failure, reason?: string): Buffer {
  const row = FAILURES[failure];
  const data = { reqPath, reason: reason ?? row.reason, ...codeFields(row.code) };
  return messageText({ ...fields, data });
}

/** The device has the request and will answer later. */
export function acknowledgement({ fields }: Pick<Answered, 'fields'>): Buffer {
  return messageText({ ...fields, msgType: 'ack' });
}

/** A message to applications, its fields in the order in which EMQX 4 writes them: from Z to A. */
export function messageText(fields: JsonObject): Buffer {
  const names = Object.keys(fields).sort().reverse();
  return Buffer.from(jsonObjectText(fields, names));
}
