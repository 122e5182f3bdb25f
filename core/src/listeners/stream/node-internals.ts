import { type Server, Socket } from 'node:net';

/**
 * The few things about sockets that are needed here and that Node has no public name for, with what
 * happens instead where they are missing.
 */

interface StreamHandle {
  /** Bytes handed to the operating system's queue of this process. */
  readonly bytesWritten: number;
  /** Of these, bytes that the operating system has not taken. */
  readonly writeQueueSize: number;
  useUserBuffer?(buffer: Uint8Array): void;
  setNoDelay?(on: boolean): void;
  /** @param delay seconds */
  setKeepAlive?(on: boolean, delay: number): void;
}

/** Called by a listening server's handle for each connection; an error code or 0, and the connection's handle. */
type OnConnection = (this: unknown, error: number, accepted: StreamHandle | undefined) => void;

interface ServerInternals {
  _handle?: { onconnection?: OnConnection } | null;
}

interface SocketInternals {
  _handle?: StreamHandle | null;
  _parent?: Socket | null;
}

interface SocketOptions {
  readonly handle: StreamHandle;
  readonly allowHalfOpen: boolean;
  /** Do not begin to read by itself. */
  readonly manualStart: boolean;
  readonly onread: SharedReading;
}

/** Where a socket reads to, instead of into memory allocated for each read. */
export interface SharedReading {
  readonly buffer: Uint8Array;
  /** Called with the socket as `this` for each read; returning false stops reading. */
  readonly callback: (this: Socket, length: number, buffer: Uint8Array) => boolean;
}

/** What is asked of the operating system for a connection that is accepted. */
export interface AcceptedOptions {
  /** TCP_NODELAY. */
  readonly noDelay: boolean;
  /** SO_KEEPALIVE: milliseconds of silence after which the peer is asked whether it is there; 0 for never. */
  readonly keepAlive: number;
}

/**
 * Has a listening server hand over its connections as sockets that read into memory which all share and that do
 * not read yet. Node has the option `onread` for that, but takes it for sockets that connect, not for those that a
 * server accepts. It saves a tenth to a quarter of the cost of a small read.
 *
 * Where this version of Node cannot do it the server emits `connection` as ever.
 */
export function acceptIntoSharedBuffer(
  server: Server,
  { noDelay, keepAlive }: AcceptedOptions,
  onread: SharedReading,
  accept: (socket: Socket) => void,
): void {
  const listening = (server as unknown as ServerInternals)._handle;
  const ordinary = listening?.onconnection;
  if (!listening || typeof ordinary !== 'function') return;
  listening.onconnection = function (error, handle) {
    if (error !== 0 || typeof handle?.useUserBuffer !== 'function') {
      ordinary.call(this, error, handle);
      return;
    }
    if (noDelay) handle.setNoDelay?.(true);
    if (keepAlive > 0) handle.setKeepAlive?.(true, Math.ceil(keepAlive / 1000));
    const options: SocketOptions = { handle, allowHalfOpen: true, manualStart: true, onread };
    accept(new Socket(options));
  };
}

/**
 * Moves a connection that was accepted in the ordinary way to a new socket that reads as after
 * {@link acceptIntoSharedBuffer}.
 *
 * @param accepted must have nothing to read, and is of no use afterwards
 * @returns undefined when this version of Node cannot do it
 */
export function moveToSharedBuffer(accepted: Socket, onread: SharedReading): Socket | undefined {
  const internals = accepted as unknown as SocketInternals;
  const handle = internals._handle;
  if (typeof handle?.useUserBuffer !== 'function') return undefined;
  internals._handle = null;
  const options: SocketOptions = {
    handle,
    allowHalfOpen: accepted.allowHalfOpen,
    manualStart: true,
    onread,
  };
  const moved = new Socket(options);
  accepted.destroy();
  return moved;
}

/**
 * Bytes of `socket` that the operating system has taken so far. Elsewhere than here Node counts a large
 * write only when the last of it is gone, which is what the fallback does.
 */
export function bytesTaken(socket: Socket): number {
  const handle = (socket as unknown as SocketInternals)._handle;
  if (typeof handle?.writeQueueSize === 'number') return handle.bytesWritten - handle.writeQueueSize;
  return socket.bytesWritten - socket.writableLength;
}

/** The socket under a TLS socket; undefined when it cannot be told. */
export function underlyingSocket(socket: Socket): Socket | undefined {
  return (socket as unknown as SocketInternals)._parent ?? undefined;
}
