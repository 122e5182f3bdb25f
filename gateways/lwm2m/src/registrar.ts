import {
  type CoapRequest,
  failure,
  keepBytes,
  keepRequest,
  type Response,
  refused,
  response,
} from '@portico/coap-endpoint';
import { OptionNumber, opaqueOption, ResponseCode, stringOption } from '@portico/codec-coap';
import {
  type AttachedSession,
  type ConnectionInfo,
  type ConnectRefusal,
  type ConnectResult,
  type GatewayContext,
  isPromise,
  type MaybePromise,
  provenPeer,
} from '@portico/core';
import type { Lwm2mChannel } from './channel.js';
import type { Lwm2mConfig } from './config.js';
import type { Lwm2mMetrics } from './counters.js';
import { Device, type DeviceServices } from './device.js';
import type { Controller, Registered } from './device-control.js';
import { DeviceHandler } from './device-handler.js';
import type { DeviceRegistry } from './device-registry.js';
import type { DeviceTopics } from './device-topics.js';
import type { Applicant, Logins } from './logins.js';
import { type ObjectList, readObjectList, sameObjects } from './object-list.js';
import { type Fault, type LifetimeBounds, Parameters, readRegister, readUpdate } from './parameters.js';
import { type Registration, registrationOf, sameRegistration } from './registration.js';
import { registrationMessage } from './registration-message.js';
import type { Restoring } from './restoring.js';

/** Beginning of the path that devices are told. */
export const REGISTRATION_PATH = 'rd';

const LOCATION_START = stringOption(OptionNumber.LocationPath, REGISTRATION_PATH);
const CREATED: Response = { ...response(ResponseCode.Created), durable: true };
const NOT_REGISTERED = failure(ResponseCode.NotFound, 'there is no such registration: register anew');
const NOT_YOURS = failure(ResponseCode.Forbidden, 'another peer has registered this');
const NOT_YOUR_NAME = failure(ResponseCode.Forbidden, 'the endpoint name is not the identity of the key');
const TOO_MANY = failure(ResponseCode.ServiceUnavailable, 'too many devices');
const NOT_LET_IN = failure(ResponseCode.Forbidden, 'not let in');
const CHANGED: Response = { ...response(ResponseCode.Changed), durable: true };
const DELETED: Response = { ...response(ResponseCode.Deleted), durable: true };

/** Refusals that are about who the device is; the hub logs them. */
const NOT_AUTHENTICATED: readonly ConnectRefusal[] = ['not_authorized', 'bad_credentials', 'banned'];

/** What the registration interface rests on. */
export interface RegistrarServices {
  readonly context: GatewayContext;
  readonly config: Lwm2mConfig;
  readonly metrics: Lwm2mMetrics;
  readonly registry: DeviceRegistry;
  readonly logins: Logins;
  readonly restoring: Restoring;
  readonly controller: Controller;
  readonly topics: DeviceTopics;
  readonly devices: DeviceServices;
}

/** The client registration interface, LwM2M 1.2 Core §6.2: what its three operations do. */
export class Registrar {
  readonly #services: RegistrarServices;
  readonly #bounds: LifetimeBounds;

  constructor(services: RegistrarServices) {
    const { lifetime_min, lifetime_max } = services.config;
    this.#services = services;
    this.#bounds = { least: Math.ceil(lifetime_min / 1000), most: Math.floor(lifetime_max / 1000) };
  }

  /** Register, §6.2.1. @param request with its whole payload */
  register(request: CoapRequest, channel: Lwm2mChannel): MaybePromise<Response> {
    const answer = this.#register(request, channel);
    if (!isPromise(answer)) return this.#counted(answer, 'registrations.refused');
    return answer.then((settled) => this.#counted(settled, 'registrations.refused'));
  }

  /** Update, §6.2.2. @param request with its whole payload */
  update(request: CoapRequest, channel: Lwm2mChannel): MaybePromise<Response> {
    const answer = this.#asDevice(request, channel, (device, kept) => this.#update(device, kept, channel));
    if (!isPromise(answer)) return this.#counted(answer, 'updates.refused');
    return answer.then((settled) => this.#counted(settled, 'updates.refused'));
  }

  /** Deregister, §6.2.3. */
  deregister(request: CoapRequest, channel: Lwm2mChannel): MaybePromise<Response> {
    return this.#asDevice(request, channel, (device) => {
      this.#services.registry.end(device, 'deregistered');
      return DELETED;
    });
  }

  #counted(answer: Response, counter: 'registrations.refused' | 'updates.refused'): Response {
    const isRefusal = answer.code >= ResponseCode.BadRequest;
    if (isRefusal) this.#services.metrics.counters[counter].value++;
    return answer;
  }

  #register(request: CoapRequest, channel: Lwm2mChannel): MaybePromise<Response> {
    const parameters = new Parameters(request.queries);
    const { info } = channel;
    const endpoint = info.proven?.clientId ?? parameters.text('ep');
    if (endpoint === undefined) return failure(ResponseCode.BadRequest, 'ep is missing');
    const foreign = this.#foreign(endpoint, info);
    if (foreign !== undefined) return foreign;
    const read = readRegister(parameters, this.#bounds);
    if ('fault' in read) return refusal(read.fault);
    const objects = readObjectList(request.payload, request.contentFormat);
    if ('code' in objects) return refusal(objects);
    if (this.#isFull(endpoint, channel)) return TOO_MANY;
    const { objectLists } = this.#services.registry;
    const password = parameters.text('password');
    const applicant: Applicant = {
      endpoint,
      username: parameters.text('imei'),
      password: password === undefined ? undefined : Buffer.from(password),
      registration: registrationOf(read.told, objectLists.shared(objects)),
      connection: info,
    };
    return this.#letIn(applicant, channel);
  }

  /** Why a name is not that of the peer, where names are tied to keys. */
  #foreign(endpoint: string, info: ConnectionInfo): Response | undefined {
    const { config, registry } = this.#services;
    if (!config.identity_is_endpoint) return undefined;
    const { pskIdentity } = info;
    if (pskIdentity !== undefined) return pskIdentity === endpoint ? undefined : NOT_YOUR_NAME;
    const owner = registry.devices.named(endpoint)?.owner;
    return owner === undefined || owner === provenPeer(info) ? undefined : NOT_YOURS;
  }

  /**
   * Whether nobody more may come in, at all or from that peer, with those who are about to. Who is there already makes it
   * no more.
   */
  #isFull(endpoint: string, channel: Lwm2mChannel): boolean {
    const { config, registry } = this.#services;
    const known = registry.devices.named(endpoint);
    const there = channel.devices.size + channel.registering;
    if (there >= config.max_devices_per_peer && known?.channel !== channel) return true;
    return known === undefined && registry.sizeWith(endpoint) > config.max_devices;
  }

  #letIn(applicant: Applicant, channel: Lwm2mChannel): MaybePromise<Response> {
    const { registry, logins } = this.#services;
    const { endpoint } = applicant;
    const handler = new DeviceHandler(registry, channel.info.peer);
    const settle = (result: ConnectResult) => this.#settle(result, applicant, handler, channel);
    const over = () => {
      channel.registering--;
      registry.entered(endpoint);
    };
    channel.registering++;
    registry.entering(endpoint);
    const result = logins.connect(applicant, handler);
    if (isPromise(result)) return result.then(settle).finally(over);
    try {
      return settle(result);
    } finally {
      over();
    }
  }

  #settle(
    result: ConnectResult,
    applicant: Applicant,
    handler: DeviceHandler,
    channel: Lwm2mChannel,
  ): Response {
    if (!result.ok) return refusedEntrance(result.refusal);
    // Another client has come by that name, or it was kicked, in between.
    if (handler.lost) return refused('server_unavailable');
    const { session } = result;
    if (this.#services.registry.stopped) {
      session.close('server_shutdown');
      return refused('server_unavailable');
    }
    const { device, how } = this.#device(applicant, session, channel);
    handler.device = device;
    device.session = session;
    this.#begin(device, how, channel);
    return created(device.location);
  }

  /** The device that has been let in: a new one, or the one of that name with all that it says now. */
  #device(
    { endpoint, registration, connection }: Applicant,
    { client }: AttachedSession,
    channel: Lwm2mChannel,
  ): { readonly device: Device; readonly how: Registered } {
    const { registry, controller, devices: services } = this.#services;
    const { devices } = registry;
    const { username, isSuperuser, anonymous } = client;
    const login = { username, isSuperuser, anonymous };
    const owner = provenPeer(connection);
    const location = devices.newLocation();
    const known = devices.named(endpoint);
    if (known !== undefined) {
      const how = sameObjects(known.registration.objects, registration.objects) ? 'again' : 'changed';
      known.registration = registration;
      known.owner = owner;
      known.login = login;
      devices.relocate(known, location);
      return { device: known, how };
    }
    const { listener, peer } = channel.info;
    const whereabouts = { listener, peer };
    const device = new Device({ endpoint, location, registration, owner, login, whereabouts }, services);
    device.control = controller.control(device);
    devices.add(device);
    return { device, how: 'new' };
  }

  /** Tells of the registration, and lets commands come when the device has been told that it is registered. */
  #begin(device: Device, how: Registered, channel: Lwm2mChannel): void {
    const { registry, topics, metrics } = this.#services;
    registry.renew(device);
    registry.hear(device, channel);
    channel.serves(device);
    registry.records.save(device);
    metrics.counters['registrations.registered'].value++;
    topics.subscribe(device);
    const { endpoint, registration, session } = device;
    topics.publish(device, 'register', registrationMessage('register', endpoint, registration));
    channel.afterwards(() => {
      if (device.session !== session) return;
      session?.resume();
      device.control?.registered(how);
    });
  }

  /** Has something done as the device that a request is for, if there is one and the request is its own. */
  #asDevice(
    request: CoapRequest,
    channel: Lwm2mChannel,
    act: (device: Device, request: CoapRequest) => Response,
  ): MaybePromise<Response> {
    const { registry, restoring } = this.#services;
    const device = registry.devices.at(request.path[1] ?? '');
    if (device === undefined) return NOT_REGISTERED;
    if (device.owner !== provenPeer(channel.info)) return NOT_YOURS;
    const attached = restoring.attach(device);
    if (!isPromise(attached)) return attached ? act(device, request) : NOT_REGISTERED;
    const kept = keepRequest(request);
    return attached.then((there) => (there ? act(device, kept) : NOT_REGISTERED));
  }

  #update(device: Device, request: CoapRequest, channel: Lwm2mChannel): Response {
    const before = device.registration;
    const updated = this.#updated(before, request);
    if ('code' in updated) return refusal(updated);
    device.registration = updated;
    this.#renew(device, before, channel);
    const { topics, metrics, config } = this.#services;
    metrics.counters['registrations.updated'].value++;
    const listed = request.payload.length > 0;
    if (listed || config.update_msg_publish_condition === 'always') {
      topics.publish(device, 'update', registrationMessage('update', device.endpoint, updated));
    }
    const changed = listed && !sameObjects(before.objects, updated.objects);
    channel.afterwards(() => device.control?.updated(changed));
    return CHANGED;
  }

  /** What the device says now: the same object where it says nothing new. */
  #updated(before: Registration, request: CoapRequest): Registration | Fault {
    const { queries, payload, contentFormat } = request;
    if (queries.length === 0 && payload.length === 0) return before;
    const read = readUpdate(new Parameters(queries), before, this.#bounds);
    if ('fault' in read) return read.fault;
    let objects: ObjectList | Fault = before.objects;
    if (payload.length > 0) objects = readObjectList(payload, contentFormat);
    if ('code' in objects) return objects;
    const updated = registrationOf(read.told, this.#services.registry.objectLists.shared(objects));
    return sameRegistration(before, updated) ? before : updated;
  }

  #renew(device: Device, before: Registration, channel: Lwm2mChannel): void {
    const { registry } = this.#services;
    const { registration, session } = device;
    registry.renew(device);
    const moved = registry.hear(device, channel);
    channel.serves(device);
    if (registration.lifetime !== before.lifetime) session?.setSessionExpiry(registration.lifetime);
    if (moved || registration !== before) registry.records.save(device);
    else registry.records.saveDeadline(device);
  }
}

function refusal({ code, reason }: Fault): Response {
  return failure(code, reason);
}

/** LwM2M 1.2 Core §6.2.1: 4.03 for whoever is not let in. */
function refusedEntrance(reason: ConnectRefusal): Response {
  return NOT_AUTHENTICATED.includes(reason) ? { ...NOT_LET_IN, logged: true } : refused(reason);
}

/** 2.01 with the path at which the device updates its registration. */
function created(location: string): Response {
  // It is remembered with the exchange.
  const locationEnd = opaqueOption(OptionNumber.LocationPath, keepBytes(Buffer.from(location)));
  return { ...CREATED, options: [LOCATION_START, locationEnd] };
}
