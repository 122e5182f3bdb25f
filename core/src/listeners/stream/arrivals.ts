import type { Socket } from 'node:net';
import type { PeerAddress, PeerCertificate, ProvenIdentity } from '../../engine/client-info.js';
import type { Timer, Timers } from '../../runtime/timers.js';
import { plainAddress } from '../peer-address.js';
import type { ListenerRecorder, Refused } from '../statistics.js';

/** An accepted socket on its way to becoming a connection, and what is known of it so far. */
export interface Arrival {
  /** The socket as accepted. */
  readonly transport: Socket;
  /** What is read and written: `transport`, or the TLS socket on top of it. */
  socket: Socket;
  peer: PeerAddress;
  local: PeerAddress;
  certificate: PeerCertificate | undefined;
  serverName: string | undefined;
  /** Identity of the pre-shared key; during the handshake the one that the client names. */
  pskIdentity: string | undefined;
  proven: ProvenIdentity | undefined;
  /** Bytes that were read but belong to what comes next. */
  unread: Buffer | undefined;
  /** Runs while a stage waits for the peer. */
  timer: Timer | undefined;
}

/**
 * One step between the accepted socket and the connection: the PROXY header, TLS, WebSocket, the connection
 * itself. A stage hands an arrival to the next one or refuses it.
 */
export interface Stage {
  enter(arrival: Arrival): void;
  /**
   * Reads the files that it and the stages behind it need anew, for those who come from now on.
   * @throws PorticoError when one of them is not good; what was read before stays in use
   */
  reload?(): void;
  /** See `Listener.certificatesEnd`. */
  readonly certificatesEnd?: number | undefined;
}

/** All that have been accepted and are not connections yet. */
export class Arrivals {
  readonly #pending = new Set<Arrival>();
  readonly #recorder: ListenerRecorder;
  readonly #timers: Timers;
  #bound: PeerAddress | undefined;

  constructor(recorder: ListenerRecorder, timers: Timers) {
    this.#recorder = recorder;
    this.#timers = timers;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Sets the address that all are accepted at; undefined where it is not the same for all. */
  set boundTo(address: PeerAddress | undefined) {
    this.#bound = address;
  }

  /** Begins to look after an accepted socket; undefined when its peer has already left. */
  add(socket: Socket): Arrival | undefined {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return undefined;
    }
    const arrival: Arrival = {
      transport: socket,
      socket,
      peer: { host: plainAddress(remoteAddress), port: remotePort },
      local: this.#bound ?? localAddressOf(socket),
      certificate: undefined,
      serverName: undefined,
      pskIdentity: undefined,
      proven: undefined,
      unread: undefined,
      timer: undefined,
    };
    this.#pending.add(arrival);
    return arrival;
  }

  /** Refuses the arrival, if it has to wait for something, when its peer leaves. */
  watch(arrival: Arrival): void {
    if (!this.#pending.has(arrival)) return;
    arrival.transport.on('error', ignore);
    arrival.transport.once('close', () => this.refuse(arrival, 'gone'));
  }

  /** Refuses the arrival unless `met` or `release` comes first. @param delay milliseconds */
  expect(arrival: Arrival, delay: number, otherwise: Refused): void {
    arrival.timer = this.#timers.after(delay, () => this.refuse(arrival, otherwise));
  }

  /** What was expected has come. */
  met(arrival: Arrival): void {
    if (arrival.timer !== undefined) this.#timers.cancel(arrival.timer);
    arrival.timer = undefined;
  }

  /**
   * The arrival becomes a connection and is no longer looked after here.
   * @returns false when it has been refused already
   */
  release(arrival: Arrival): boolean {
    this.met(arrival);
    return this.#pending.delete(arrival);
  }

  /**
   * Closes the arrival's socket and counts it; does nothing for one that is no longer pending.
   * @param farewell is sent before
   */
  refuse(arrival: Arrival, reason: Refused, detail?: string, farewell?: string): void {
    if (!this.release(arrival)) return;
    if (farewell === undefined) arrival.socket.destroy();
    else arrival.socket.end(farewell, () => arrival.socket.destroy());
    this.#recorder.refused(reason, arrival.peer, detail);
  }

  refuseAll(reason: Refused): void {
    for (const arrival of this.#pending) this.refuse(arrival, reason);
  }
}

function localAddressOf({ localAddress, localPort }: Socket): PeerAddress {
  return { host: plainAddress(localAddress ?? ''), port: localPort ?? 0 };
}

/** Puts bytes that were read too far back into the socket, for a stage that reads it with Node's own means. */
export function putBack(arrival: Arrival): Socket {
  const { socket, unread } = arrival;
  arrival.unread = undefined;
  if (unread !== undefined) socket.unshift(unread);
  return socket;
}

/** Errors of a socket show in its `close`, which always follows. */
function ignore(): void {}
