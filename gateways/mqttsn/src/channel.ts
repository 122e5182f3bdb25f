import {
  type EncapsulatedMessage,
  type PlainMessage,
  ReturnCode,
  type SnMessage,
} from '@portico/codec-mqtt-sn';
import { type Channel, isPromise, type MaybePromise, type Peer } from '@portico/core';
import { SnAddress } from './address.js';
import type { Clients } from './clients.js';
import type { Protocol } from './protocol.js';
import type { Shared } from './shared.js';
import { WirelessNodes } from './wireless-nodes.js';

/** One address: that of a client, or of a forwarder with wireless nodes behind it (MQTT-SN 1.2 §5.5). */
export class SnChannel implements Channel<SnMessage> {
  readonly #peer: Peer<SnMessage>;
  readonly #shared: Shared;
  readonly #protocol: Protocol;
  readonly #clients: Clients;
  readonly #own: SnAddress;
  #nodes: WirelessNodes | undefined;

  constructor(peer: Peer<SnMessage>, shared: Shared, protocol: Protocol, clients: Clients) {
    this.#peer = peer;
    this.#shared = shared;
    this.#protocol = protocol;
    this.#clients = clients;
    this.#own = new SnAddress(peer, shared.metrics);
    const { idle_timeout } = shared.config;
    if (idle_timeout > 0) peer.setTimer(idle_timeout);
  }

  onFrame(message: SnMessage): MaybePromise<void> {
    this.#shared.metrics.counters['mqttsn.messages.received'].value++;
    if (message.type === 'encapsulated') return this.#onNodeMessage(message);
    return this.#protocol.handle(this.#own, message);
  }

  #onNodeMessage({ wirelessNodeId, message }: EncapsulatedMessage): MaybePromise<void> {
    const id = wirelessNodeId.toString('hex');
    this.#nodes ??= new WirelessNodes(this.#shared.config.max_nodes);
    const known = this.#nodes.get(id);
    const node = known ?? new SnAddress(this.#peer, this.#shared.metrics, Buffer.from(wirelessNodeId));
    // At once: the channel may be closed while the message is handled.
    if (known === undefined && !this.#nodes.add(id, node, this.#forgetBefore)) {
      return this.#refuse(node, message);
    }
    const handled = this.#protocol.handle(node, message);
    if (isPromise(handled)) return handled.then(() => this.#handled(id, node));
    this.#handled(id, node);
  }

  #handled(id: string, node: SnAddress): void {
    if (!node.busy) this.#nodes?.delete(id);
  }

  /** There is no room for the node that a message is of. */
  #refuse(node: SnAddress, { type }: PlainMessage): void {
    this.#shared.metrics.counters['mqttsn.nodes.refused'].value++;
    if (type === 'connect') node.send({ type: 'connack', returnCode: ReturnCode.congestion });
  }

  /** Dialogues whose clients were last heard before that are over. */
  get #forgetBefore(): number {
    const { config, context } = this.#shared;
    return config.idle_timeout > 0
      ? context.clock.monotonic() - config.idle_timeout
      : Number.NEGATIVE_INFINITY;
  }

  *#addresses(): Generator<SnAddress> {
    yield this.#own;
    yield* this.#nodes?.values() ?? [];
  }

  /** A datagram that is no message: MQTT-SN knows no answer. */
  onFrameError(): void {
    this.#shared.metrics.counters['mqttsn.messages.malformed'].value++;
  }

  /** An address that serves nobody is forgotten when it falls silent. */
  onTimer(): void {
    const { config, context } = this.#shared;
    const left = this.#peer.lastReceived + config.idle_timeout - context.clock.monotonic();
    if (left > 0) this.#peer.setTimer(left);
    else if (this.#servesAnybody()) this.#peer.setTimer(config.idle_timeout);
    else this.#peer.end('idle_timeout');
  }

  #servesAnybody(): boolean {
    for (const { client } of this.#addresses()) {
      if (client !== undefined) return true;
    }
    return false;
  }

  /** A client is awaited for as long as it has announced, and lost afterwards; one without keep alive is not. */
  mayBeSilent(): boolean {
    for (const { client } of this.#addresses()) {
      if (client?.awaited === true) return true;
    }
    return false;
  }

  onWritable(): void {
    // Datagrams leave at once: nothing waits for the socket.
  }

  onShutdown(): void {
    for (const { client } of this.#addresses()) client?.shutdown();
  }

  /** What was to be acknowledged is not certain: the clients come again, and ask again. */
  onStorageFailure(): void {
    for (const { client } of this.#addresses()) client?.close('storage_failed');
  }

  /** The clients stay: they may speak again, from here or elsewhere, and are lost if they do not. */
  onClose(): void {
    for (const address of this.#addresses()) {
      address.open = false;
      if (address.client !== undefined) this.#clients.unreachable(address.client);
    }
  }
}
