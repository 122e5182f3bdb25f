import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { moveToSharedBuffer } from './node-internals.js';

/** What happens on a socket. One object with four methods costs less than four functions per connection. */
export interface SocketEvents {
  /** @param bytes good only until the call returns */
  onSocketData(bytes: Buffer): void;
  /** The peer will send nothing more. */
  onSocketEnd(): void;
  onSocketError(error: Error): void;
  /** The last of all. */
  onSocketClose(): void;
}

/** Large enough for whatever one read of the event loop brings. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

const EVENTS = Symbol('events');

interface ObservedSocket extends Socket {
  [EVENTS]: SocketEvents;
}

/**
 * Sends a socket's events to `events` and begins to read. A plain TCP socket reads into memory that all
 * connections of the process share, so it must have been accepted paused and nothing may wait in it.
 * @returns the socket to use from now on
 */
export function observe(accepted: Socket, events: SocketEvents): Socket {
  const moved = accepted instanceof TLSSocket ? undefined : moveToSharedBuffer(accepted, READ_BUFFER, onRead);
  const socket = (moved ?? accepted) as ObservedSocket;
  socket[EVENTS] = events;
  if (moved === undefined) socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('error', onError);
  socket.on('close', onClose);
  socket.resume();
  return socket;
}

function onRead(this: Socket, length: number): boolean {
  (this as ObservedSocket)[EVENTS].onSocketData(READ_BUFFER.subarray(0, length));
  return true;
}

function onData(this: ObservedSocket, bytes: Buffer): void {
  this[EVENTS].onSocketData(bytes);
}

function onEnd(this: ObservedSocket): void {
  this[EVENTS].onSocketEnd();
}

function onError(this: ObservedSocket, error: Error): void {
  this[EVENTS].onSocketError(error);
}

function onClose(this: ObservedSocket): void {
  this[EVENTS].onSocketClose();
}
