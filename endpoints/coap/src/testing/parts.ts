import {
  blockOption,
  type CoapMessage,
  CoapOption,
  codeText,
  decodeBlock,
  findOption,
  OptionNumber,
} from '@portico/codec-coap';

/** A request's Block2 option. */
export function block2(num: number, size: number): CoapOption {
  return blockOption(OptionNumber.Block2, { num, more: false, size });
}

/** Code and Block2 option of a response, as RFC 7959 §3 writes it. */
export function seen(answer: CoapMessage): string {
  const block = decodeBlock(findOption(answer, OptionNumber.Block2)?.uint ?? 7);
  const code = codeText(answer.code);
  return block === undefined ? code : `${code} 2:${block.num}/${block.more ? 1 : 0}/${block.size}`;
}

/** So many bytes, of which no two blocks are the same. */
export function bytes(length: number, seed = 0): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => at * 7 + (at >> 4) * 13 + seed));
}

/** An option by number, with any bytes. */
export function rawOption(number: number, hex: string): CoapOption {
  return CoapOption.of(number, Buffer.from(hex, 'hex'));
}
