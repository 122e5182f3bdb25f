import { formatAddress, type PeerAddress } from '../engine/client-info.js';
import { PorticoError } from '../runtime/errors.js';
import { errorCode } from './error-code.js';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'this process may not use the port',
  EADDRNOTAVAIL: 'no network interface has the address',
  ENOTFOUND: 'the host name is not known',
};

/** The error for a listener that cannot bind. @param configKey key that says where it binds */
export function listenError(
  name: string,
  address: PeerAddress,
  configKey: string,
  cause: unknown,
): PorticoError {
  const code = errorCode(cause);
  const reason = REASONS[code];
  const detail = reason === undefined ? code : `${reason} (${code})`;
  return new PorticoError(
    'PORTICO_ERR_LISTEN',
    `${name} on ${formatAddress(address)}: ${detail}; the key is ${configKey}`,
    { cause },
  );
}
