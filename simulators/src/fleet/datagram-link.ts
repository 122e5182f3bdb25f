import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Connect } from './contract.js';

/** Sends and gets datagrams: each device has a port of its own. What `send` is given is one datagram. */
export function datagramConnect({ host, port }: { readonly host: string; readonly port: number }): Connect {
  return (events) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    let reason = 'closed';
    let isClosed = false;
    const close = () => {
      if (isClosed) return;
      isClosed = true;
      socket.close();
    };
    socket.once('connect', () => events.opened());
    socket.on('message', (bytes) => events.received(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message;
      close();
    });
    socket.once('close', () => events.closed(reason));
    socket.connect(port, host);
    return {
      send(bytes) {
        if (!isClosed) socket.send(bytes);
      },
      end: close,
      destroy: close,
    };
  };
}
