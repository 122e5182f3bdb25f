import { AckCode, type ConnectFrame, type Frame } from './frame.js';

const SHOWN_BYTES = 32;
const ACK_NAMES = Object.fromEntries(Object.entries(AckCode).map(([name, code]) => [code, name]));

/** A frame in one line, for people and logs. Never shows the password. */
export function describe(frame: Frame): string {
  switch (frame.type) {
    case 'connect':
      return `CONNECT ${describeConnect(frame)}`;
    case 'connack':
      return `CONNACK ${ACK_NAMES[frame.code]} ${JSON.stringify(frame.message)}`;
    case 'datatrans':
      return `DATATRANS ${frame.payload.length} bytes ${preview(frame.payload)}`;
    default:
      return frame.type.toUpperCase();
  }
}

function describeConnect(frame: ConnectFrame): string {
  const parts = [
    `version=${frame.version}`,
    `keepalive=${frame.keepalive}s`,
    `clientid=${JSON.stringify(frame.clientId)}`,
  ];
  if (frame.username !== undefined) parts.push(`username=${JSON.stringify(frame.username)}`);
  if (frame.password !== undefined) parts.push('password=***');
  return parts.join(' ');
}

function preview(payload: Buffer): string {
  const hex = payload.toString('hex', 0, SHOWN_BYTES);
  return payload.length > SHOWN_BYTES ? `${hex}…` : hex;
}
