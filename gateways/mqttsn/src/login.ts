import type { ConnectRequest } from '@portico/core';
import type { SnConfig } from './config.js';

/** What all clients of the gateway log in with: the protocol has neither username nor password. */
export function loginOf({
  username,
  password,
  mountpoint,
}: SnConfig): Pick<ConnectRequest, 'username' | 'password' | 'protocol' | 'protocolVersion' | 'mountpoint'> {
  return {
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : Buffer.from(password),
    protocol: 'MQTT-SN',
    protocolVersion: 1,
    mountpoint,
  };
}
