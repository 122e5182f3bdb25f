import { PorticoError } from '@portico/core';
import { localAccessFile } from '@portico/management/access';
import type { PorticoConfig } from './config-schema.js';
import { loadPorticoConfig } from './load-portico-config.js';
import type { ApiCommandOptions } from './management-api.js';
import { problemsText } from './report.js';
import { readTrusted } from './trusting-fetch.js';

/** Where an API is, and as whom it is asked. */
export interface ApiPlace {
  readonly url: string;
  /** Id and secret of an application: `admin:secret`. */
  readonly app: string;
  /** PEM, where HTTPS is trusted by others than those of the system. */
  readonly trusted: string | undefined;
}

/**
 * What the configuration tells of the API, where no hub that runs has told it.
 * @param given id and secret, and whom to trust, as far as the operator has said it
 * @returns undefined when the configuration is wrong, which has been told
 * @throws PorticoError when nothing tells as whom to ask
 */
export function configuredPlace(
  { file, env, url: givenUrl, stderr }: ApiCommandOptions,
  given: Partial<Pick<ApiPlace, 'app' | 'trusted'>>,
): ApiPlace | undefined {
  const loaded = loadPorticoConfig(file, env);
  if (!loaded.ok) {
    stderr.write(problemsText(loaded));
    stderr.write('Or say which hub is asked, and as whom: --url, --app and --secret.\n');
    return undefined;
  }
  const { config } = loaded;
  const url = givenUrl ?? configuredUrl(config);
  const app = given.app ?? configuredApp(config);
  if (app === undefined) throw new PorticoError('PORTICO_ERR_MANAGEMENT', noSecret(url, givenUrl, config));
  return { url, app, trusted: given.trusted ?? configuredCertificate(config) };
}

function noSecret(where: string, givenUrl: string | undefined, { node }: PorticoConfig): string {
  const unknown = 'and neither --app nor management.default_application.secret is given';
  return givenUrl === undefined
    ? `${where}: no hub that runs has left ${localAccessFile(node.data_dir)}, ${unknown}`
    : `${where}: --url is given, ${unknown}`;
}

/** What a hub with this configuration shows; undefined when it speaks plain HTTP. */
function configuredCertificate({ management }: PorticoConfig): string | undefined {
  const { enable, certfile } = management.tls;
  return enable && certfile !== undefined ? readTrusted(certfile) : undefined;
}

function configuredUrl({ management }: PorticoConfig): string {
  const { host, port } = management.bind;
  return `${management.tls.enable ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function configuredApp({ management }: PorticoConfig): string | undefined {
  const { id, secret } = management.default_application;
  return secret === undefined ? undefined : `${id}:${secret}`;
}
