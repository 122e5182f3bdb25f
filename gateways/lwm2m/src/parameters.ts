import { ResponseCode } from '@portico/codec-coap';
import type { Registration, Told } from './registration.js';

/** Seconds of a device that names no lifetime (LwM2M 1.2 Core §6.2.1). */
const DEFAULT_LIFETIME = 86_400;
/** Of a device that names no version (LwM2M 1.0.2 §5.3.1). */
const DEFAULT_VERSION = '1.0';
/** `1` is what some devices of LwM2M 1.0 write. */
const VERSIONS: readonly string[] = ['1', '1.0', '1.1', '1.2'];
/** Names of arguments whose values nobody is shown. */
export const SECRET_PARAMETERS: ReadonlySet<string> = new Set(['password']);
/** Those that have a place of their own in a {@link Registration}, or are secret. */
const KNOWN = new Set(['ep', 'lt', 'lwm2m', 'b', 'Q', 'sms', ...SECRET_PARAMETERS]);

const NO_OTHERS: Registration['others'] = [];

/** Seconds, both included. */
export interface LifetimeBounds {
  readonly least: number;
  readonly most: number;
}

/** Why a device cannot be registered as it asks to be. */
export interface Fault {
  /** A CoAP response code. */
  readonly code: number;
  readonly reason: string;
}

/** What is told by the arguments of a registration, or why it cannot be. */
export type Read = { readonly told: Told } | { readonly fault: Fault };

/** Arguments of a URI by name; of those with the same name the first counts. Without `=` it is a flag. */
export class Parameters {
  readonly #values = new Map<string, string | true>();

  /** @param queries Uri-Query options */
  constructor(queries: readonly string[]) {
    for (const query of queries) {
      const at = query.indexOf('=');
      const name = at < 0 ? query : query.slice(0, at);
      if (name !== '' && !this.#values.has(name)) this.#values.set(name, at < 0 || query.slice(at + 1));
    }
  }

  /** The value of an argument; undefined where it is missing, empty, or a flag. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === true || value === '' ? undefined : value;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Those that are not {@link KNOWN}, by name. */
  others(): Registration['others'] {
    const others = [...this.#values].filter(([name]) => !KNOWN.has(name));
    return others.length === 0 ? NO_OTHERS : others.sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** Reads the arguments of a Register, LwM2M 1.2 Core §6.2.1. */
export function readRegister(parameters: Parameters, bounds: LifetimeBounds): Read {
  const version = parameters.text('lwm2m') ?? DEFAULT_VERSION;
  // One string for all devices.
  const lwm2m = VERSIONS.find((known) => known === version);
  if (lwm2m === undefined) {
    return refuse(ResponseCode.PreconditionFailed, 'versions of LwM2M here are 1.0, 1.1 and 1.2');
  }
  const lifetime = readLifetime(parameters, DEFAULT_LIFETIME);
  const fault = lifetimeFault(lifetime, bounds);
  if (fault !== undefined) return { fault };
  return {
    told: {
      lwm2m,
      lifetime,
      binding: parameters.text('b'),
      queue: parameters.has('Q'),
      sms: parameters.text('sms'),
      others: parameters.others(),
    },
  };
}

/** Reads the arguments of an Update, LwM2M 1.2 Core §6.2.2: what it does not name stays as it was. */
export function readUpdate(parameters: Parameters, before: Told, bounds: LifetimeBounds): Read {
  const lifetime = readLifetime(parameters, before.lifetime);
  const fault = lifetimeFault(lifetime, bounds);
  if (fault !== undefined) return { fault };
  const binding = parameters.text('b');
  const others = parameters.others();
  return {
    told: {
      lwm2m: before.lwm2m,
      lifetime,
      binding: binding ?? before.binding,
      // Whether it queues is told with the binding.
      queue: parameters.has('Q') || (binding === undefined && before.queue),
      sms: parameters.text('sms') ?? before.sms,
      others: others.length === 0 ? before.others : merged(before.others, others),
    },
  };
}

function merged(before: Registration['others'], now: Registration['others']): Registration['others'] {
  return [...new Map([...before, ...now])].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** NaN where it is no whole number of seconds. */
function readLifetime(parameters: Parameters, otherwise: number): number {
  if (!parameters.has('lt')) return otherwise;
  const text = parameters.text('lt') ?? '';
  return /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
}

function lifetimeFault(lifetime: number, { least, most }: LifetimeBounds): Fault | undefined {
  if (lifetime >= least && lifetime <= most) return undefined;
  return { code: ResponseCode.BadRequest, reason: `lt is a number of seconds from ${least} to ${most}` };
}

function refuse(code: number, reason: string): Read {
  return { fault: { code, reason } };
}
