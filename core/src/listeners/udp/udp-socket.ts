import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { LookupOneOptions } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { PeerAddress } from '../../engine/client-info.js';
import { listenError } from '../listen-error.js';
import type { UdpListenerConfig } from '../listener-config.js';
import type { ListenerIdentity } from '../listener-context.js';
import type { ListenerRecorder } from '../statistics.js';

/** Bytes that may wait for the network before further datagrams are dropped. */
const MAX_SEND_QUEUE = 4 * 1024 * 1024;

/** What a listener says of its socket. */
export type UdpSocketConfig = Pick<UdpListenerConfig, 'bind' | 'recbuf' | 'sndbuf' | 'reuse_address'>;

/** The socket of a listener, which all its peers share. */
export class UdpSocket {
  readonly #identity: ListenerIdentity;
  readonly #config: UdpSocketConfig;
  readonly #recorder: ListenerRecorder;
  #address: PeerAddress;
  #socket: Socket | undefined;
  /** Some of what was sent last had to wait. */
  #queuing = false;

  constructor(identity: ListenerIdentity, config: UdpSocketConfig, recorder: ListenerRecorder) {
    this.#identity = identity;
    this.#config = config;
    this.#recorder = recorder;
    this.#address = config.bind;
  }

  /** Where it is bound, once it is open. */
  get address(): PeerAddress {
    return this.#address;
  }

  /**
   * @param receive is called with each datagram that can be answered; its memory is its own
   * @throws PorticoError `PORTICO_ERR_LISTEN`
   */
  async open(receive: (datagram: Buffer, from: RemoteInfo) => void): Promise<void> {
    const { bind } = this.#config;
    try {
      const { address, family } = await lookup(bind.host);
      this.#socket = this.#makeSocket(family === 6 ? 'udp6' : 'udp4');
      const listening = once(this.#socket, 'listening');
      this.#socket.bind({ address, port: bind.port });
      await listening;
    } catch (cause) {
      this.close();
      throw listenError(this.#identity.name, bind, `${this.#identity.configKey}.bind`, cause);
    }
    const bound = this.#socket.address();
    this.#address = { host: bound.address, port: bound.port };
    this.#socket.on('error', (error) => this.#recorder.failed(error));
    this.#socket.on('message', (datagram, from) => {
      if (from.port === 0) this.#recorder.dropped('port_zero');
      else receive(datagram, from);
    });
  }

  /**
   * Sends a datagram, or drops and counts it when too many wait.
   * @param address as the operating system writes it
   * @returns true when the bytes may be reused
   */
  send(datagram: Buffer, port: number, address: string): boolean {
    const socket = this.#socket;
    if (socket === undefined) return true;
    if (this.#queuing && socket.getSendQueueSize() > MAX_SEND_QUEUE) {
      this.#recorder.dropped('send_queue');
      return true;
    }
    socket.send(datagram, port, address, this.#onSent);
    this.#queuing = socket.getSendQueueSize() > 0;
    return !this.#queuing;
  }

  /** Sends to a broadcast or multicast address. */
  broadcast(datagram: Buffer, { host, port }: PeerAddress): void {
    this.#socket?.setBroadcast(true);
    this.#socket?.send(datagram, port, host, this.#onSent);
  }

  /** What has been sent still leaves. */
  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  #makeSocket(type: 'udp4' | 'udp6'): Socket {
    const { recbuf, sndbuf, reuse_address } = this.#config;
    return createSocket({
      type,
      reuseAddr: reuse_address,
      recvBufferSize: recbuf,
      ...(sndbuf === undefined ? {} : { sendBufferSize: sndbuf }),
      lookup: useAddress,
    });
  }

  readonly #onSent = (error: Error | null): void => {
    if (error !== null) this.#recorder.dropped('send_error');
  };
}

/** Stands in for DNS: what is sent to is an address already. */
function useAddress(
  address: string,
  options: LookupOneOptions | number,
  found: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  found(null, address, typeof options === 'number' ? options : (options.family as number));
}
