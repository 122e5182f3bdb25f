import assert from 'node:assert/strict';
import {
  type Block,
  blockOption,
  type CoapMessage,
  type CoapOption,
  codeName,
  decodeBlock,
  findOption,
  OptionNumber,
  ResponseCode,
} from '@portico/codec-coap';
import type { AskedPeer } from './asking.js';

const { Content, Changed, Continue } = ResponseCode;

/** As RFC 7959 §3 writes it: `PUT 1:2/1/128`. */
export function line(message: CoapMessage): string {
  const blocks = [OptionNumber.Block1, OptionNumber.Block2].map((number, at) => {
    const option = findOption(message, number);
    const block = option === undefined ? undefined : decodeBlock(option.uint);
    return block === undefined ? '' : ` ${at + 1}:${block.num}/${Number(block.more)}/${block.size}`;
  });
  return `${codeName(message.code)}${blocks.join('')}`;
}

function option(number: 23 | 27, num: number, more: 0 | 1, size: Block['size']): CoapOption {
  return blockOption(number, { num, more: more === 1, size });
}

export const block1 = (num: number, more: 0 | 1, size: number) =>
  option(OptionNumber.Block1, num, more, size);
export const block2 = (num: number, more: 0 | 1, size: number) =>
  option(OptionNumber.Block2, num, more, size);

/** What a peer does with each request; the messages that it got, a line for each. */
export function play(peer: AskedPeer, answer: (request: CoapMessage, at: number) => void): string[] {
  const lines: string[] = [];
  for (let [request] = peer.take(); request !== undefined; [request] = peer.take()) {
    lines.push(line(request));
    answer(request, lines.length - 1);
    assert.ok(lines.length < 50, 'it comes to an end');
  }
  return lines;
}

/** Block1 of a request. */
export function sentBlock(request: CoapMessage): Block {
  return decodeBlock(findOption(request, OptionNumber.Block1)?.uint ?? 7) ?? assert.fail('no Block1');
}

/** A peer that keeps what comes in blocks. */
export class Sink {
  readonly parts: Buffer[] = [];

  /** Takes a block. @param size what the peer would rather have */
  take(peer: AskedPeer, request: CoapMessage, size = 1024): void {
    const { num, more, size: sent } = sentBlock(request);
    this.parts.push(Buffer.from(request.payload));
    const answered = block1(num, more ? 1 : 0, Math.min(size, sent));
    peer.responds(request, more ? Continue : Changed, { options: [answered] });
  }

  get payload(): Buffer {
    return Buffer.concat(this.parts);
  }
}

/** Serves a payload in blocks of no more than `size`. */
export function serve(
  peer: AskedPeer,
  request: CoapMessage,
  payload: Buffer,
  size: number,
  more: CoapOption[] = [],
): void {
  const value = findOption(request, OptionNumber.Block2)?.uint;
  const asked = (value === undefined ? undefined : decodeBlock(value)) ?? { num: 0, size };
  const used = Math.min(asked.size, size);
  const offset = asked.num * asked.size;
  const rest = offset + used < payload.length ? 1 : 0;
  const options = [...more, block2(offset / used, rest, used)];
  peer.responds(request, Content, { options, payload: payload.subarray(offset, offset + used) });
}
