import assert from 'node:assert/strict';
import type { Device } from '@portico/coap-endpoint/testing';
import { CborTag, type CborValue, decode, encode } from '@portico/codec-cbor';
import {
  type CoapMessage,
  type CoapOption,
  ContentFormat,
  codeText,
  Method,
  OptionNumber,
  optionDefinition,
  uintOption,
} from '@portico/codec-coap';
import { CoapTest } from '../testing.js';

/** Options that a response shows, in its own words. */
const SHOWN: readonly number[] = [OptionNumber.LocationPath, OptionNumber.ContentFormat, OptionNumber.MaxAge];

/** Topic properties by key. */
export type Properties = readonly (readonly [number, CborValue])[];

/** An expiration date, seconds since 1970. */
export function epoch(seconds: number): CborTag {
  return new CborTag(1, seconds);
}

/** What a response says, with a CBOR payload read and ids as the test names them. */
export interface Reply {
  readonly code: string;
  /** `Location-Path:ps, Content-Format:606` */
  readonly options: string;
  readonly payload: string | Properties;
}

/** A hub with devices that use `/ps`. */
export class PsTest extends CoapTest {
  /** Sends a request and waits for the one answer that comes. */
  async ask(
    device: Device,
    method: number,
    uri: string,
    content: { format?: number; payload?: CborValue; text?: string | Buffer; options?: CoapOption[] } = {},
  ): Promise<CoapMessage> {
    const { format, payload, text = '', options = [] } = content;
    const formatted = format === undefined ? [] : [uintOption(OptionNumber.ContentFormat, format)];
    await device.request(method, uri, {
      options: [...options, ...formatted],
      payload: payload === undefined ? text : encode(payload),
    });
    const [answer, ...more] = device.take();
    assert.ok(answer !== undefined, `${uri}: no answer`);
    assert.deepEqual(more, []);
    return answer;
  }

  /** As {@link ask}, with topic properties as the payload. */
  async configure(device: Device, method: number, uri: string, properties: Properties): Promise<CoapMessage> {
    return this.ask(device, method, uri, { format: ContentFormat.PubsubCbor, payload: new Map(properties) });
  }

  /** Creates a topic. @returns the last segment of its paths */
  async create(device: Device, name: string, ...more: Properties): Promise<string> {
    const answer = await this.configure(device, Method.POST, 'ps', [[0, name], [2, 'core.ps.data'], ...more]);
    assert.equal(codeText(answer.code), '2.01', answer.payload.toString());
    return locationOf(answer);
  }

  /** Sends a request and waits. @returns the code of the answer */
  async code(...asked: Parameters<PsTest['ask']>): Promise<string> {
    return codeText((await this.ask(...asked)).code);
  }
}

/** The last segment of where something was created. */
export function locationOf({ options }: CoapMessage): string {
  const segments = options.filter(({ number }) => number === OptionNumber.LocationPath);
  assert.deepEqual([segments.length, segments[0]?.text], [2, 'ps']);
  return segments[1]?.text ?? '';
}

/** What a response says. @param id shown as `ID` */
export function reply({ code, options, payload }: CoapMessage, id = ''): Reply {
  const shown = options.filter(({ number }) => SHOWN.includes(number)).map(printOption);
  const format = options.find(({ number }) => number === OptionNumber.ContentFormat)?.uint;
  const read = format === ContentFormat.PubsubCbor ? decode(payload) : payload.toString();
  const named = (value: CborValue) =>
    typeof value === 'string' && id !== '' ? value.replaceAll(id, 'ID') : value;
  return {
    code: codeText(code),
    options: shown.map((text) => named(text)).join(', '),
    payload:
      read instanceof Map
        ? [...read].map(([key, value]) => [Number(key), named(value)] as const)
        : String(named(read)),
  };
}

function printOption(option: CoapOption): string {
  const definition = optionDefinition(option.number);
  const value = definition?.format === 'uint' ? option.uint : option.text;
  return `${definition?.name}:${value}`;
}
