import type { IncomingResponse, OutgoingRequest } from '@portico/coap-endpoint';
import { codeOf, describe, MessageType, NO_BYTES, OptionNumber, uintOption } from '@portico/codec-coap';
import type { ResourceType } from '@portico/codec-lwm2m';
import type { GatewayStorage } from '@portico/core';
import { TestHub, TestStore } from '@portico/core/testing';
import { type DirectOperation, requestOf } from '../build-request.js';
import type { Command } from '../command.js';
import type { DeviceProfile } from '../device-profile.js';
import { readCommand, readCommandText } from '../parse-command.js';

/** Types of the resources that tests use. */
const TYPES: Readonly<Record<string, { type: ResourceType; multiple?: boolean }>> = {
  '/1/0/0': { type: 'integer' },
  '/1/0/1': { type: 'integer' },
  '/1/0/2': { type: 'integer' },
  '/1/0/3': { type: 'integer' },
  '/1/0/5': { type: 'integer' },
  '/1/0/6': { type: 'boolean' },
  '/1/0/7': { type: 'string' },
  '/1/0/23': { type: 'boolean' },
  '/3/0/0': { type: 'string' },
  '/3/0/1': { type: 'string' },
  '/3/0/2': { type: 'string' },
  '/3/0/3': { type: 'string' },
  '/3/0/5': { type: 'none' },
  '/3/0/6': { type: 'integer', multiple: true },
  '/3/0/7': { type: 'integer', multiple: true },
  '/3/0/8': { type: 'integer', multiple: true },
  '/3/0/9': { type: 'integer' },
  '/3/0/10': { type: 'integer' },
  '/3/0/11': { type: 'integer', multiple: true },
  '/3/0/13': { type: 'time' },
  '/3/0/14': { type: 'string' },
  '/3/0/15': { type: 'string' },
  '/3/0/16': { type: 'string' },
  '/4/0/0': { type: 'integer' },
  '/4/0/1': { type: 'integer', multiple: true },
  '/4/0/2': { type: 'integer' },
  '/4/0/3': { type: 'integer' },
  '/4/0/4': { type: 'string', multiple: true },
  '/4/0/5': { type: 'string', multiple: true },
  '/4/0/6': { type: 'integer' },
  '/4/0/7': { type: 'string', multiple: true },
  '/4/0/8': { type: 'integer' },
  '/4/0/9': { type: 'integer' },
  '/4/0/10': { type: 'integer' },
  '/5/0/0': { type: 'opaque' },
  '/6/0/0': { type: 'float' },
  '/6/0/1': { type: 'float' },
  '/6/0/2': { type: 'float' },
  '/6/0/3': { type: 'float' },
  '/6/0/4': { type: 'opaque' },
  '/6/0/5': { type: 'time' },
  '/6/0/6': { type: 'float' },
  '/26/0/1': { type: 'unsigned' },
  '/26/0/2': { type: 'objlnk' },
  '/26/0/3': { type: 'boolean' },
};

/** The types of some resources of objects 1, 3, 4, 5, 6 and 26. */
export function typeOf(path: readonly number[]) {
  const found = TYPES[`/${path.slice(0, 3).join('/')}`];
  return found && { type: found.type, multiple: found.multiple === true };
}

/** A device of LwM2M 1.1 that does not say which formats it takes. */
export function profile(init: Partial<DeviceProfile> = {}): DeviceProfile {
  return { lwm2m: '1.1', contentFormats: [], rootPath: [], typeOf, ...init };
}

/** @param command JSON, or what becomes JSON; not one for new software */
export function parsed(command: string | object): Command & { readonly operation: DirectOperation } {
  const text = typeof command === 'string' ? command : JSON.stringify(command);
  const read = readCommand(readCommandText(text), typeOf);
  const { operation } = read;
  if (operation.type === 'firmware') throw new Error('what the device is sent is not known yet');
  return { ...read, operation };
}

/** A request in one line: `PUT /3/0/14 Content-Format=application/vnd.oma.lwm2m+tlv c30e2b3038`. */
export function requestText({ method: code, options, payload }: OutgoingRequest): string {
  const message = { type: MessageType.CON, code, messageId: 0, token: NO_BYTES, options, payload: NO_BYTES };
  const text = describe(message).replace('CON ', '').replace(' mid=0x0000', '');
  return payload.length === 0 ? text : `${text} ${payload.toString('hex')}`;
}

/** The request in one line that a device is sent for a command. */
export function requestFor(command: string | object, device: Partial<DeviceProfile> = {}): string {
  return requestText(requestOf(profile(device), parsed(command).operation));
}

/** @param code `2.05`, `payload` in hexadecimal */
export function deviceResponse(code: string, format?: number, payload = ''): IncomingResponse {
  const [codeClass = 0, detail = 0] = code.split('.').map(Number);
  const options = format === undefined ? [] : [uintOption(OptionNumber.ContentFormat, format)];
  return { code: codeOf(codeClass, detail), options, payload: Buffer.from(payload, 'hex') };
}

/** Where the gateway of a hub of its own remembers. */
export function newStorage(): GatewayStorage {
  return new TestHub({ store: new TestStore() }).context('lwm2m').storage;
}
