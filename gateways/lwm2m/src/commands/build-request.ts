import type { OutgoingRequest } from '@portico/coap-endpoint';
import { DEREGISTER, REGISTER } from '@portico/coap-endpoint';
import {
  type CoapOption,
  ContentFormat,
  Method,
  NO_BYTES,
  OptionNumber,
  stringOption,
  uintOption,
} from '@portico/codec-coap';
import { encodePaths, encodePayload, type Lwm2mPath, type TypedNode } from '@portico/codec-lwm2m';
import { speaks } from '../registration.js';
import { compositeFormat, readFormat, writeFormat } from './choose-format.js';
import type { FirmwareOperation, Operation } from './command.js';
import { CommandError } from './command-error.js';
import type { DeviceProfile } from './device-profile.js';

const ROOT: Lwm2mPath = [];

/** All but those that become another one when their turn has come. */
export type DirectOperation = Exclude<Operation, FirmwareOperation>;

type Of<Type extends DirectOperation['type']> = Extract<DirectOperation, { readonly type: Type }>;

type Builders = {
  readonly [Type in DirectOperation['type']]: (device: DeviceProfile, operation: Of<Type>) => OutgoingRequest;
};

/** The request of each operation: LwM2M 1.0.2 §8.2.5, 1.2 Transport §6.4; as EMQX 4 makes it for LwM2M 1.0. */
const BUILDERS: Builders = {
  read: readRequest,
  observe: (device, operation) => readRequest(device, operation, REGISTER),
  'cancel-observe': (device, operation) => readRequest(device, operation, DEREGISTER),
  discover: (device, { path }) => ({
    method: Method.GET,
    options: optionsOf(device, path, { accept: ContentFormat.LinkFormat }),
    payload: NO_BYTES,
  }),
  write: (device, { path, nodes, partial }) => {
    const method = partial ? Method.POST : Method.PUT;
    return withNodes(device, method, path, nodes, writeFormat(device, path, nodes));
  },
  'write-attr': (device, { path, attributes }) => ({
    method: Method.PUT,
    options: optionsOf(device, path, { query: attributes.map(([name, value]) => `${name}=${value}`) }),
    payload: NO_BYTES,
  }),
  execute: (device, { path, args }) => ({
    method: Method.POST,
    options: optionsOf(device, path, { contentFormat: ContentFormat.TextPlain }),
    payload: Buffer.from(args),
  }),
  create: createRequest,
  delete: (device, { path }) => ({
    method: Method.DELETE,
    options: optionsOf(device, path, {}),
    payload: NO_BYTES,
  }),
  'read-composite': fetchRequest,
  'observe-composite': (device, operation) => fetchRequest(device, operation, REGISTER),
  'cancel-observe-composite': (device, operation) => fetchRequest(device, operation, DEREGISTER),
  'write-composite': (device, { nodes }) =>
    withNodes(device, Method.iPATCH, ROOT, nodes, compositeFormat(device)),
  'write-bytes': (device, { path, bytes }) => ({
    method: Method.PUT,
    options: optionsOf(device, path, { contentFormat: ContentFormat.OctetStream }),
    payload: bytes,
  }),
};

/** Operations that came with LwM2M 1.1. */
const BEYOND_VERSION_1_0: ReadonlySet<DirectOperation['type']> = new Set([
  'read-composite',
  'write-composite',
  'observe-composite',
  'cancel-observe-composite',
]);

/**
 * What a device is sent for an operation.
 * @throws CommandError for an operation that the device is too old for, a value that its format cannot hold
 */
export function requestOf<Type extends DirectOperation['type']>(
  device: DeviceProfile,
  operation: Of<Type>,
): OutgoingRequest {
  if (BEYOND_VERSION_1_0.has(operation.type) && !speaks(device, '1.1')) {
    throw new CommandError(`the device speaks LwM2M ${device.lwm2m}, which has no such operation`, true);
  }
  const build: (device: DeviceProfile, operation: Of<Type>) => OutgoingRequest =
    BUILDERS[operation.type as Type];
  return build(device, operation);
}

function readRequest(
  device: DeviceProfile,
  { path }: { readonly path: Lwm2mPath },
  observe?: number,
): OutgoingRequest {
  const options = optionsOf(device, path, { observe, accept: readFormat(device) });
  return { method: Method.GET, options, payload: NO_BYTES };
}

function fetchRequest(
  device: DeviceProfile,
  { paths }: { readonly paths: readonly Lwm2mPath[] },
  observe?: number,
): OutgoingRequest {
  const format = compositeFormat(device);
  return {
    method: Method.FETCH,
    options: optionsOf(device, ROOT, { observe, contentFormat: format, accept: format }),
    payload: encodePaths(format, paths),
  };
}

/** Where the device is to choose the instance id, only TLV can leave it out. */
function createRequest(device: DeviceProfile, { path, nodes, instance }: Of<'create'>): OutgoingRequest {
  const format = instance === undefined ? ContentFormat.Lwm2mTlv : writeFormat(device, path, nodes);
  const base = instance === undefined ? [...path, 0] : path;
  return {
    method: Method.POST,
    options: optionsOf(device, path, { contentFormat: format }),
    payload: encodePayload(format, base, nodes),
  };
}

function withNodes(
  device: DeviceProfile,
  method: Method,
  path: Lwm2mPath,
  nodes: readonly TypedNode[],
  format: number,
): OutgoingRequest {
  return {
    method,
    options: optionsOf(device, path, { contentFormat: format }),
    payload: encodePayload(format, path, nodes),
  };
}

interface RequestOptions {
  readonly observe?: number | undefined;
  readonly contentFormat?: number;
  readonly query?: readonly string[];
  readonly accept?: number | undefined;
}

/** By ascending number. */
function optionsOf(
  { rootPath }: DeviceProfile,
  path: Lwm2mPath,
  { observe, contentFormat, query = [], accept }: RequestOptions,
): CoapOption[] {
  const options: CoapOption[] = [];
  if (observe !== undefined) options.push(uintOption(OptionNumber.Observe, observe));
  for (const segment of rootPath) options.push(stringOption(OptionNumber.UriPath, segment));
  for (const id of path) options.push(stringOption(OptionNumber.UriPath, String(id)));
  if (contentFormat !== undefined) options.push(uintOption(OptionNumber.ContentFormat, contentFormat));
  for (const text of query) options.push(stringOption(OptionNumber.UriQuery, text));
  if (accept !== undefined) options.push(uintOption(OptionNumber.Accept, accept));
  return options;
}
