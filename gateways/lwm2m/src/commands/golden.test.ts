import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deviceAnswer, failureAnswer } from './answers.js';
import { requestOf } from './build-request.js';
import { CommandError } from './command-error.js';
import { readCommandText, requestPathOf } from './parse-command.js';
import { deviceResponse, parsed, profile, requestText, typeOf } from './testing/parts.js';

/** What an application sent and got, and what went over CoAP in between; nothing for a command that is not one. */
interface Exchange {
  readonly command: string;
  readonly request?: string;
  readonly response?: { readonly code: string; readonly format?: number; readonly payload?: string };
  readonly answer: string;
  /** What EMQX answered, where that is something else, and why it is; '' for nothing. */
  readonly reference?: string;
  readonly why?: string;
}

const FILE = new URL('../../vectors/emqx-commands.json', import.meta.url);
const { exchanges } = JSON.parse(readFileSync(FILE, 'utf8')) as { exchanges: readonly Exchange[] };

for (const { command, request, response, answer, why } of exchanges) {
  const name =
    why === undefined ? 'asks and answers as EMQX does, byte for byte' : `asks as EMQX does, but ${why}`;
  test(`${command}: ${name}`, () => {
    if (request === undefined || response === undefined) {
      assert.equal(refusal(command), answer);
      return;
    }
    const read = parsed(command);
    assert.equal(requestText(requestOf(profile(), read.operation)), request);
    const { code, format, payload } = response;
    const told = deviceAnswer(read, deviceResponse(code, format, payload), { ...read, typeOf, now: 0 });
    assert.equal(told.toString(), answer);
  });
}

function refusal(command: string): string {
  const text = readCommandText(command);
  try {
    parsed(command);
  } catch (error) {
    assert.ok(error instanceof CommandError);
    const answered = { fields: text.fields, reqPath: requestPathOf(text.data) };
    return failureAnswer(answered, 'invalid', error.message).toString();
  }
  return 'no refusal';
}
