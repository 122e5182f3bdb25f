import type {
  ConnectMessage,
  DisconnectMessage,
  PingreqMessage,
  PlainMessage,
  SearchgwMessage,
  TopicAckMessage,
} from '@portico/codec-mqtt-sn';
import type { AttachedSession, MaybePromise } from '@portico/core';
import type { SnAddress } from './address.js';
import type { SnClient } from './client.js';
import type { Clients } from './clients.js';
import type { Connectionless } from './connectionless.js';
import type { Entrance } from './entrance.js';
import { onPublish, onPubrel } from './publishing.js';
import { onRegister } from './registering.js';
import type { Shared } from './shared.js';
import { onSubscribe, onUnsubscribe } from './subscribing.js';
import { onWillMsgUpd, onWillTopicUpd } from './will-updates.js';

/**
 * What each message means where it comes from: the gateway's side of MQTT-SN 1.2. An address that nobody has connected
 * from is never sent more octets than came from it.
 */
export class Protocol {
  readonly #shared: Shared;
  readonly #clients: Clients;
  readonly #entrance: Entrance;
  readonly #connectionless: Connectionless;

  constructor(shared: Shared, clients: Clients, entrance: Entrance, connectionless: Connectionless) {
    this.#shared = shared;
    this.#clients = clients;
    this.#entrance = entrance;
    this.#connectionless = connectionless;
  }

  handle(address: SnAddress, message: PlainMessage): MaybePromise<void> {
    const client = address.client ?? this.#clients.returned(address);
    client?.heard();
    switch (message.type) {
      case 'searchgw':
        return this.#onSearchgw(address, message);
      case 'connect':
        return this.#entrance.onConnect(address, message);
      case 'willtopic':
        return this.#entrance.onWillTopic(address, message);
      case 'willmsg':
        return this.#entrance.onWillMsg(address, message);
      case 'pingreq':
        return this.#onPingreq(address, client, message);
      default:
        if (client?.session === undefined) return this.#onStrangersMessage(address, message);
        client.reached();
        return this.#onClientMessage(client, client.session, message);
    }
  }

  /** MQTT-SN 1.2 §6.1: GWINFO goes as far as SEARCHGW went; a forwarder can be told of up to three hops (§5.5). */
  #onSearchgw(address: SnAddress, { radius }: SearchgwMessage): void {
    const gwinfo = { type: 'gwinfo', gwId: this.#shared.config.gateway_id, gwAdd: NO_ADDRESS } as const;
    address.broadcast(gwinfo, Math.min(radius, MAX_RADIUS));
  }

  /**
   * A sleeping client says who it is (MQTT-SN 1.2 §6.14) and may speak from another port than before; from another
   * host it has to connect, or anybody could have its messages, and have them sent to anybody.
   */
  #onPingreq(address: SnAddress, here: SnClient | undefined, message: PingreqMessage): MaybePromise<void> {
    const clientId = message.clientId === '' ? '' : address.clientIdOf(message.clientId);
    if (here !== undefined && (clientId === '' || clientId === here.clientId)) return here.ping();
    const elsewhere = this.#clients.get(clientId);
    if (elsewhere === undefined) {
      return this.#entrance.wake(address, clientId).then((woken) => {
        if (!woken) this.#unconnected(address);
      });
    }
    if (elsewhere.address.place !== address.place) return this.#unconnected(address);
    this.#shared.metrics.counters['mqttsn.clients.moved'].value++;
    this.#clients.move(elsewhere, address);
    elsewhere.heard();
    elsewhere.ping();
  }

  #onClientMessage(client: SnClient, session: AttachedSession, message: ClientMessage): MaybePromise<void> {
    const { downlink } = client;
    switch (message.type) {
      case 'publish':
        return onPublish(client, session, message, this.#shared);
      case 'pubrel':
        return onPubrel(client, session, message.msgId, this.#shared);
      case 'register':
        return onRegister(client, message, this.#shared);
      case 'subscribe':
        return onSubscribe(client, session, message, this.#shared);
      case 'unsubscribe':
        return onUnsubscribe(client, session, message, this.#shared);
      case 'disconnect':
        return onDisconnect(client, message);
      case 'willtopicupd':
        return onWillTopicUpd(client, session, message);
      case 'willmsgupd':
        return onWillMsgUpd(client, session, message);
      case 'puback':
        downlink.onPuback(message);
        return client.goOn();
      case 'pubrec':
        return downlink.onPubrec(message.msgId);
      case 'pubcomp':
        downlink.onPubcomp(message.msgId);
        return client.goOn();
      case 'regack':
        return onRegack(client, message);
      default:
        this.#shared.metrics.counters['mqttsn.messages.unexpected'].value++;
    }
  }

  #onStrangersMessage(address: SnAddress, message: ClientMessage): MaybePromise<void> {
    if (message.type === 'publish' && message.qos === -1) {
      return this.#connectionless.onPublish(message, address.info);
    }
    if (UNANSWERED.has(message.type)) {
      this.#shared.metrics.counters['mqttsn.messages.unexpected'].value++;
      return;
    }
    this.#unconnected(address);
  }

  /** Whoever it is has to connect first. */
  #unconnected(address: SnAddress): void {
    this.#shared.metrics.counters['mqttsn.messages.unconnected'].value++;
    address.dismiss();
  }
}

/** What is left when everything is taken out that needs no client. */
type ClientMessage = Exclude<
  PlainMessage,
  ConnectMessage | PingreqMessage | { readonly type: 'searchgw' | 'willtopic' | 'willmsg' }
>;

/**
 * What says nothing of a client that believes to be connected: its goodbye, and what gateways send. Two gateways that
 * get each other's messages must not go on answering.
 */
const UNANSWERED: ReadonlySet<PlainMessage['type']> = new Set([
  'advertise',
  'gwinfo',
  'connack',
  'willtopicreq',
  'willmsgreq',
  'pingresp',
  'disconnect',
  'willtopicresp',
  'willmsgresp',
]);

/** The widest radius that Ctrl can tell a forwarder, §5.5. */
const MAX_RADIUS = 3;

const NO_ADDRESS = Buffer.alloc(0);

function onRegack(client: SnClient, message: TopicAckMessage): MaybePromise<void> {
  const ending = client.downlink.onRegack(message);
  client.goOn();
  return ending;
}

/** DISCONNECT, MQTT-SN 1.2 §6.12 and §6.14. */
function onDisconnect(client: SnClient, { duration }: DisconnectMessage): void {
  const { address } = client;
  if (duration === undefined || duration === 0) client.leave();
  else client.sleep(duration);
  address.sendAck({ type: 'disconnect', duration: undefined });
}
