import type { OutgoingRequest } from '@portico/coap-endpoint';
import {
  ContentFormat,
  Method,
  NO_BYTES,
  NO_OPTIONS,
  OptionNumber,
  stringOption,
  uintOption,
} from '@portico/codec-coap';
import { encodePayload, formatPath } from '@portico/codec-lwm2m';
import type { BootstrapInstance } from './templates.js';

/** The path of the bootstrap interface, LwM2M 1.2 Transport §6.4.1. */
export const BOOTSTRAP_PATH = 'bs';

/** Formats that a device may prefer (`pct`) and that hold whole object instances. */
const FORMATS: readonly number[] = [ContentFormat.Lwm2mTlv, ContentFormat.SenmlJson, ContentFormat.SenmlCbor];

/** One request of a bootstrap, and what it is called in log lines and messages. */
export interface BootstrapStep {
  /** `write /0/1` */
  readonly name: string;
  readonly request: OutgoingRequest;
  /** Whether it asks what the device has: one that does not tell is bootstrapped all the same. */
  readonly discovers: boolean;
}

/** Bootstrap-Discover, LwM2M 1.2 Core §6.1.7.3: what the device has, `/` and all below. */
export const DISCOVER: BootstrapStep = {
  name: 'discover /',
  discovers: true,
  request: {
    method: Method.GET,
    options: [uintOption(OptionNumber.Accept, ContentFormat.LinkFormat)],
    payload: NO_BYTES,
  },
};

const DELETE_ALL: BootstrapStep = {
  name: 'delete /',
  discovers: false,
  request: { method: Method.DELETE, options: NO_OPTIONS, payload: NO_BYTES },
};

const FINISH: BootstrapStep = {
  name: 'finish',
  discovers: false,
  request: {
    method: Method.POST,
    options: [stringOption(OptionNumber.UriPath, BOOTSTRAP_PATH)],
    payload: NO_BYTES,
  },
};

/** The format of what is written: the one that the device prefers; else TLV, which all know. @param pct as it came */
export function bootstrapFormat(pct: string | undefined): number {
  const format = /^\d{1,5}$/.test(pct ?? '') ? Number(pct) : undefined;
  return format !== undefined && FORMATS.includes(format) ? format : ContentFormat.Lwm2mTlv;
}

/**
 * What a device is sent: everything is deleted that it may delete, then its instances are written, and that is all
 * (LwM2M 1.2 Core §6.1.7).
 * @throws FrameError for a value that its type does not have
 */
export function bootstrapSteps(instances: readonly BootstrapInstance[], format: number): BootstrapStep[] {
  return [DELETE_ALL, ...instances.map((instance) => writeStep(instance, format)), FINISH];
}

function writeStep({ path, nodes }: BootstrapInstance, format: number): BootstrapStep {
  const segments = path.map((id) => stringOption(OptionNumber.UriPath, String(id)));
  const request = {
    method: Method.PUT,
    options: [...segments, uintOption(OptionNumber.ContentFormat, format)],
    payload: encodePayload(format, path, nodes),
  };
  return { name: `write ${formatPath(path)}`, discovers: false, request };
}
