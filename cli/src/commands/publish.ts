import { buffer } from 'node:stream/consumers';
import { type ApiCommandOptions, withManagementApi } from '../management-api.js';
import { printDone } from '../row-list.js';

export interface PublishOptions extends ApiCommandOptions {
  readonly topic: string;
  /** Standard input is the payload where it is not given. */
  readonly payload: string | undefined;
  readonly stdin: NodeJS.ReadableStream;
  /** Who the message is from. */
  readonly clientId: string;
  /** 0, 1 or 2. */
  readonly qos: string;
  readonly retain?: boolean | undefined;
}

/** Publishes a message. @returns the exit code: 1 when the hub does not take it */
export function publish(options: PublishOptions): Promise<number> {
  const { topic, payload, stdin, clientId: clientid, qos, retain } = options;
  return withManagementApi(options, async (api) => {
    const bytes = payload === undefined ? await buffer(stdin) : Buffer.from(payload);
    const message = { topic, clientid, qos: Number(qos), retain, encoding: 'base64' };
    await api.post('/mqtt/publish', { ...message, payload: bytes.toString('base64') });
    printDone(options);
  });
}
