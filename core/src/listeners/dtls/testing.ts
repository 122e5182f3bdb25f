import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { ClientCredentials } from '@portico/dtls';
import { DtlsDevice, type DtlsDeviceOptions } from '../../testing/dtls-device.js';
import type { TestListener } from '../testing/listener-fixture.js';
import { PemLabel, pemBlocks } from '../tls/pem-files.js';
import { TlsWorld } from '../tls/testing.js';

/** What devices of the tests of DTLS are made of: the certificates of {@link TlsWorld}. */
export class DtlsWorld extends TlsWorld {
  /** What a device shows that has a certificate. @param chain name of its certificate file, if not `<name>.pem` */
  credentials(name: string, chain = `${name}.pem`): ClientCredentials {
    const blocks = pemBlocks({ key: chain, path: chain }, this.read(chain), PemLabel.certificate);
    return {
      kind: 'certificate',
      chain: blocks.map((pem) => new X509Certificate(pem).raw),
      privateKey: createPrivateKey(this.read(`${name}.key`)),
    };
  }

  /** What a device shows that has only its key. */
  rawKey(name: string): ClientCredentials {
    return { kind: 'rawPublicKey', privateKey: createPrivateKey(this.read(`${name}.key`)) };
  }
}

/** What a device shows that has a pre-shared key. */
export function presharedKey(identity: string, key: string): ClientCredentials {
  return { kind: 'psk', identity, key: Buffer.from(key) };
}

/** A device that trusts whatever server there is and has begun a handshake; it is gone when the test is over. */
export async function beginDevice(
  t: TestContext,
  it: TestListener,
  credentials: ClientCredentials,
  options: Partial<DtlsDeviceOptions> = {},
): Promise<DtlsDevice> {
  const device = await DtlsDevice.begin(it.port, { credentials, verifyServer: () => 'trusted', ...options });
  t.after(() => device.vanish());
  return device;
}

/** As {@link beginDevice}, once the handshake is over. */
export async function openDevice(...args: Parameters<typeof beginDevice>): Promise<DtlsDevice> {
  const device = await beginDevice(...args);
  await device.settled();
  return device;
}
