/** Sends back every datagram, on the port given as the argument. */

import { createSocket } from 'node:dgram';

const socket = createSocket('udp4');
socket.on('message', (datagram, { address, port }) => socket.send(datagram, port, address));
socket.bind(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
