import type { Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type AcceptedOptions, acceptIntoSharedBuffer, moveToSharedBuffer } from './node-internals.js';

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

/** That a socket reads into memory that all share. */
const SHARED = Symbol('shared');

interface SocketWithEvents extends Socket {
  [EVENTS]: SocketEvents;
  [SHARED]?: true;
}

/** Has a listening server hand over sockets that {@link readInto} need not move. */
export function acceptShared(
  server: Server,
  options: AcceptedOptions,
  accept: (socket: Socket) => void,
): void {
  acceptIntoSharedBuffer(server, options, SHARED_READING, (socket) => {
    (socket as SocketWithEvents)[SHARED] = true;
    accept(socket);
  });
}

/**
 * Sends a socket's events to `events` and begins to read. A plain TCP socket reads into memory that all
 * connections of the process share: one that {@link acceptShared} has not accepted is moved there, so it must have
 * been accepted paused and nothing may wait in it.
 * @returns the socket to use from now on
 */
export function readInto(accepted: Socket, events: SocketEvents): Socket {
  const socket = shared(accepted as SocketWithEvents);
  socket[EVENTS] = events;
  if (!socket[SHARED]) socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('error', onError);
  socket.on('close', onClose);
  socket.resume();
  return socket;
}

/** The socket that reads into shared memory; the one given where that cannot be. */
function shared(accepted: SocketWithEvents): SocketWithEvents {
  if (accepted[SHARED] || accepted instanceof TLSSocket) return accepted;
  const moved = moveToSharedBuffer(accepted, SHARED_READING) as SocketWithEvents | undefined;
  if (moved === undefined) return accepted;
  moved[SHARED] = true;
  return moved;
}

function onRead(this: Socket, length: number): boolean {
  (this as SocketWithEvents)[EVENTS].onSocketData(READ_BUFFER.subarray(0, length));
  return true;
}

const SHARED_READING = { buffer: READ_BUFFER, callback: onRead };

function onData(this: SocketWithEvents, bytes: Buffer): void {
  this[EVENTS].onSocketData(bytes);
}

function onEnd(this: SocketWithEvents): void {
  this[EVENTS].onSocketEnd();
}

function onError(this: SocketWithEvents, error: Error): void {
  this[EVENTS].onSocketError(error);
}

function onClose(this: SocketWithEvents): void {
  this[EVENTS].onSocketClose();
}
