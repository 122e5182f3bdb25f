import type {
  ConnectionInfo,
  ConnectRequest,
  ConnectResult,
  GatewayContext,
  MaybePromise,
  SessionOptions,
} from '@portico/core';
import { type Lwm2mConfig, lwm2mSessionOptions } from './config.js';
import type { Device, DeviceLogin } from './device.js';
import type { DeviceHandler } from './device-handler.js';
import { type Registration, versionNumber } from './registration.js';

/** Who wants to be let in. */
export interface Applicant {
  readonly endpoint: string;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
  readonly registration: Registration;
  readonly connection: ConnectionInfo;
}

/** Has the hub let devices in. Their sessions outlive hub and connections for as long as they are registered. */
export class Logins {
  readonly #context: GatewayContext;
  readonly #mountpoint: string;
  readonly #options: SessionOptions;

  constructor(context: GatewayContext, config: Lwm2mConfig) {
    this.#context = context;
    this.#mountpoint = config.mountpoint;
    this.#options = lwm2mSessionOptions(config);
  }

  /** A device that registers. */
  connect(applicant: Applicant, handler: DeviceHandler): MaybePromise<ConnectResult> {
    return this.#context.connect(this.#request(applicant, handler));
  }

  /**
   * A device that was registered before the hub started: it has been let in then, and is not asked for its credentials.
   * @returns undefined when its listener is not open
   */
  reconnect(device: Device, handler: DeviceHandler): MaybePromise<ConnectResult> | undefined {
    const { endpoint, registration, login, whereabouts } = device;
    const connection = this.#context.formerConnection(whereabouts.listener, whereabouts.peer);
    if (connection === undefined) return undefined;
    const { username } = login;
    const request = this.#request(
      { endpoint, username, password: undefined, registration, connection },
      handler,
    );
    request.authenticated = { username, outcome: { ok: true, ...privileges(login) } };
    return this.#context.connect(request);
  }

  /** The applicant is not spread into the request: V8 would make a large and slow object of it. */
  #request(applicant: Applicant, handler: DeviceHandler): ConnectRequest {
    const { endpoint, username, password, registration, connection } = applicant;
    return {
      clientId: endpoint,
      username,
      password,
      connection,
      protocol: 'LwM2M',
      protocolVersion: versionNumber(registration),
      mountpoint: this.#mountpoint,
      placeholders: { e: endpoint },
      keepalive: registration.lifetime,
      cleanStart: false,
      sessionExpiry: registration.lifetime,
      options: this.#options,
      mergeOverlapping: true,
      retransmits: false,
      handler,
    };
  }
}

function privileges({ isSuperuser, anonymous }: DeviceLogin) {
  return { isSuperuser, anonymous };
}
