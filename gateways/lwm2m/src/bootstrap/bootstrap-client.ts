import {
  type AttachedSession,
  type ConnectionInfo,
  type ConnectRequest,
  type ConnectResult,
  type Counter,
  fillTopic,
  type GatewayContext,
  isPromise,
  isTaken,
  type MaybePromise,
  type PublishResult,
  provenPeer,
  type SessionHandler,
  sessionConfigShape,
  sessionOptions,
} from '@portico/core';
import { z } from 'zod';
import { messageText } from '../commands/answers.js';
import type { JsonObject } from '../commands/exact-json.js';
import type { BootstrapConfig } from './bootstrap-config.js';

/** Before the endpoint name in the client id: the session of the device, should it be registered, is left alone. */
const PREFIX = 'bootstrap:';
/** Nothing is ever sent to these sessions. */
const OPTIONS = sessionOptions(z.object(sessionConfigShape).parse({}), { maxQos: 0 });

/** The far side of a session by which is published how the bootstrap of a device goes. */
class BootstrapSession implements SessionHandler {
  readonly writable = true;
  readonly #peer: ConnectionInfo['peer'];

  constructor(peer: ConnectionInfo['peer']) {
    this.#peer = peer;
  }

  deliver(): 'unwanted' {
    return 'unwanted';
  }

  status() {
    return { state: 'bootstrapping', peer: this.#peer };
  }

  detached(): void {}
}

/** Has the hub let devices in for as long as they are bootstrapped, and publishes how that goes. */
export class BootstrapClients {
  readonly #context: GatewayContext;
  readonly #config: Pick<BootstrapConfig, 'mountpoint' | 'topic'>;
  readonly #unpublished: Counter;

  /** @param unpublished counts what could not be published */
  constructor(
    context: GatewayContext,
    config: Pick<BootstrapConfig, 'mountpoint' | 'topic'>,
    unpublished: Counter,
  ) {
    this.#context = context;
    this.#config = config;
    this.#unpublished = unpublished;
  }

  /** Whoever has shown a key in its handshake is let in; others the access chain is asked about. */
  connect(endpoint: string, info: ConnectionInfo): MaybePromise<ConnectResult> {
    const request: ConnectRequest = {
      clientId: PREFIX + endpoint,
      username: undefined,
      password: undefined,
      protocol: 'LwM2M',
      protocolVersion: 10,
      connection: withoutClientId(info),
      mountpoint: this.#config.mountpoint,
      placeholders: { e: endpoint },
      keepalive: 0,
      cleanStart: true,
      sessionExpiry: 0,
      options: OPTIONS,
      mergeOverlapping: true,
      retransmits: false,
      handler: new BootstrapSession(info.peer),
    };
    if (provenPeer(info) !== undefined) {
      const outcome = { ok: true, isSuperuser: false, anonymous: false } as const;
      request.authenticated = { username: info.proven?.username, outcome };
    }
    return this.#context.connect(request);
  }

  publish(session: AttachedSession, endpoint: string, data: JsonObject): void {
    const filled = fillTopic(this.#config.topic, {
      c: endpoint,
      e: endpoint,
      u: session.client.username,
      a: session.client.peer.host,
    });
    if (!('topic' in filled)) {
      this.#unpublished.value++;
      return;
    }
    const payload = messageText({ msgType: 'bootstrap', data: { ...data, ep: endpoint } });
    const message = { topic: filled.topic, payload, qos: 0, retain: false, owned: true } as const;
    const result = session.publish(message);
    if (!isPromise(result)) this.#look(result);
    else
      result.then(
        (settled) => this.#look(settled),
        () => {
          this.#unpublished.value++;
        },
      );
  }

  #look(result: PublishResult): void {
    if (!isTaken(result)) this.#unpublished.value++;
  }
}

/** A listener that proves client ids would give the session that of the device. */
function withoutClientId(info: ConnectionInfo): ConnectionInfo {
  if (info.proven?.clientId === undefined) return info;
  const { id, transport, gateway, listener, peer, local, certificate, serverName } = info;
  const { pskIdentity, rawPublicKey, subprotocol, proven } = info;
  return {
    ...{ id, transport, gateway, listener, peer, local, certificate, serverName },
    ...{ pskIdentity, rawPublicKey, subprotocol, proven: { ...proven, clientId: undefined } },
  };
}
