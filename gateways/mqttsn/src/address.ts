import type { ConnectMessage, PlainMessage, SnMessage, WillTopicMessage } from '@portico/codec-mqtt-sn';
import { type ConnectionInfo, type Peer, provenPeer, type Traffic } from '@portico/core';
import type { SnClient } from './client.js';
import type { SnMetrics } from './counters.js';

/** A CONNECT whose client is still to tell its will, MQTT-SN 1.2 §6.3. */
export interface WillDialogue {
  readonly connect: ConnectMessage;
  /** Undefined until the client has answered WILLTOPICREQ. */
  readonly topic: WillTopicMessage | undefined;
  /** When the client was heard last, on the monotonic clock. */
  readonly heardAt: number;
}

/**
 * Where a client can be reached: at a peer, or at a wireless node behind the forwarder that a peer is (MQTT-SN 1.2 §5.5).
 * It is not the client, which may go on elsewhere.
 */
export class SnAddress {
  /** Who has connected from here. */
  client: SnClient | undefined = undefined;
  dialogue: WillDialogue | undefined = undefined;
  /** The client that the hub is being asked to let in from here. */
  entering: string | undefined = undefined;
  /** False once the connection is gone. */
  open = true;
  readonly #peer: Peer<SnMessage>;
  readonly #metrics: SnMetrics;
  readonly #wirelessNodeId: Buffer | undefined;

  /** @param wirelessNodeId the node behind the forwarder; undefined for the peer itself */
  constructor(peer: Peer<SnMessage>, metrics: SnMetrics, wirelessNodeId?: Buffer) {
    this.#peer = peer;
    this.#metrics = metrics;
    this.#wirelessNodeId = wirelessNodeId;
  }

  /** What has passed the connection, that of wireless nodes behind a forwarder together. */
  get traffic(): Traffic {
    return this.#peer.traffic;
  }

  /** Of the connection. The client id that it may prove is that of the peer, not of a wireless node behind it. */
  get info(): ConnectionInfo {
    const { info } = this.#peer;
    return this.#wirelessNodeId === undefined ? info : withoutClientId(info);
  }

  /** The client id of who says to have one: what its key or certificate proves stands above that. */
  clientIdOf(said: string): string {
    return this.info.proven?.clientId ?? said;
  }

  /** Whether something goes on here that must not be forgotten. */
  get busy(): boolean {
    return this.client !== undefined || this.dialogue !== undefined || this.entering !== undefined;
  }

  /** Gives up a dialogue whose client has not been heard since a moment of the monotonic clock. */
  forgetDialogue(since: number): void {
    if (this.dialogue !== undefined && this.dialogue.heardAt < since) this.dialogue = undefined;
  }

  /** Octets that the way to the client adds to each message: encapsulation. */
  get overhead(): number {
    return this.#wirelessNodeId === undefined ? 0 : 3 + this.#wirelessNodeId.length;
  }

  /**
   * Identifies the place: a client is taken for the one that was there before. Port numbers change, hosts and wireless
   * nodes do not. Who has proved to be somebody is that, wherever it is, and its neighbours are not.
   */
  get place(): string {
    const place = provenPeer(this.#peer.info) ?? this.#peer.info.peer.host;
    return this.#wirelessNodeId === undefined ? place : `${place} ${this.#wirelessNodeId.toString('hex')}`;
  }

  /** A client has come in from here; log lines show the last one. */
  serve(client: SnClient): void {
    this.client = client;
    this.#peer.identify({ clientId: client.clientId, username: client.session?.client.username });
  }

  /**
   * Sends a message behind those acknowledgements that wait until something is durable: small clients expect the answer
   * to what they have sent, and drop what comes before it.
   */
  send(message: PlainMessage): void {
    this.#metrics.counters['mqttsn.messages.sent'].value++;
    this.#peer.sendBehindAcks(this.#wrapped(message));
  }

  /** How many messages wait behind such acknowledgements, these included. */
  get held(): number {
    return this.#peer.held;
  }

  /** Tells who is there that it is not connected, or no longer: that waits for nothing. */
  dismiss(): void {
    this.#metrics.counters['mqttsn.messages.sent'].value++;
    this.#peer.send(this.#wrapped({ type: 'disconnect', duration: undefined }));
  }

  /** Sends a message at once to all nodes of the network within a radius: 1 to 3 hops, 0 for any number. */
  broadcast(message: PlainMessage, radius: number): void {
    this.#metrics.counters['mqttsn.messages.sent'].value++;
    this.#peer.send(this.#wrapped(message, radius));
  }

  /** As {@link send}, for what may be said only when all that was written before is durable. */
  sendAck(message: PlainMessage): void {
    this.#metrics.counters['mqttsn.messages.sent'].value++;
    this.#peer.sendAck(this.#wrapped(message));
  }

  #wrapped(message: PlainMessage, radius = 0): SnMessage {
    const wirelessNodeId = this.#wirelessNodeId;
    if (wirelessNodeId === undefined) return message;
    return { type: 'encapsulated', radius, wirelessNodeId, message };
  }
}

/** A connection for clients who have not the client id, if any, that it proves. */
export function withoutClientId(info: ConnectionInfo): ConnectionInfo {
  const { proven } = info;
  return proven?.clientId === undefined ? info : { ...info, proven: { ...proven, clientId: undefined } };
}
