import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Connect, Link, LinkEvents } from './contract.js';

/** Bytes that a platform may leave unread before its connection is ended. */
const MAX_UNREAD = 1_048_576;

/** How a connection is secured: as PEM, what there is. */
export interface TlsSettings {
  /** Authorities that may have signed the platform's certificate; those that Node.js knows unless given. */
  readonly ca?: Buffer | undefined;
  /** Certificate and key of the devices. */
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  /** Takes whatever certificate the platform has. */
  readonly insecure: boolean;
}

export interface StreamTarget {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsSettings | undefined;
}

/** Opens connections over TCP or TLS. */
export function streamConnect({ host, port, tls }: StreamTarget): Connect {
  if (tls === undefined) {
    return (events) => streamLink(connectTcp({ host, port, noDelay: true }), 'connect', events);
  }
  const { ca, cert, key, insecure } = tls;
  const servername = isIP(host) === 0 ? host : '';
  const options = { host, port, ca, cert, key, servername, rejectUnauthorized: !insecure };
  return (events) => streamLink(connectTls(options).setNoDelay(), 'secureConnect', events);
}

function streamLink(socket: Socket, open: 'connect' | 'secureConnect', events: LinkEvents): Link {
  let reason = 'closed by the platform';
  socket.once(open, () => events.opened());
  socket.on('data', (bytes) => events.received(bytes));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reason = error.code ?? error.message;
  });
  socket.once('close', () => events.closed(reason));
  return {
    send(bytes) {
      if (socket.destroyed) return;
      socket.write(bytes);
      if (socket.writableLength <= MAX_UNREAD) return;
      reason = 'the platform does not read';
      socket.destroy();
    },
    end: () => socket.end(),
    destroy: () => socket.destroy(),
  };
}
