import {
  type CoapOption,
  encode,
  MessageType,
  Method,
  OptionNumber,
  stringOption,
} from '@portico/codec-coap';
import { BufferSink } from '@portico/frame';
import { openDtls } from './dtls-client.js';
import type { CoapLoad } from './job.js';
import { openSocket, runPeers, UdpPeer } from './udp-peer.js';
import type { RunningLoad } from './window.js';

/** Classes of response codes, RFC 7252 §5.9. */
const CLIENT_ERROR = 4;
/** Of the message id, RFC 7252 §3. */
export const MESSAGE_ID_AT = 2;

/** A load whose peers each send a PUT, wait for its answer, and send the next. */
export async function startCoapLoad(load: CoapLoad, port: number): Promise<RunningLoad> {
  const payload = Buffer.alloc(load.payloadBytes, 'x');
  const open = async (index: number) => {
    const request = putRequest(index, payload);
    const wire = await (load.dtls ? openDtls(port) : openSocket(port));
    return new UdpPeer(wire, { next: () => request, messageIdAt: MESSAGE_ID_AT, messageIdOf });
  };
  return runPeers(await Promise.all(Array.from({ length: load.peers }, (_, index) => open(index))));
}

/** @returns the message id that a response is for @throws Error when it is a refusal */
export function messageIdOf(response: Buffer): number {
  const code = response[1] as number;
  if (code >> 5 >= CLIENT_ERROR) throw new Error(`the peer answered ${code >> 5}.0${code & 31}`);
  return response.readUInt16BE(MESSAGE_ID_AT);
}

/** A confirmable PUT to a topic of the peer's own. */
function putRequest(index: number, payload: Buffer): Buffer {
  return requestTo(`bench/${index}`, { clientId: `peer-${index}`, method: Method.PUT, options: [], payload });
}

/** What a request is beside where it goes. */
interface RequestParts {
  readonly clientId: string;
  readonly method: Method;
  /** Before the path. */
  readonly options: readonly CoapOption[];
  readonly payload: Buffer;
}

/** A confirmable request for a topic; its message id is still to be written. */
export function requestTo(topic: string, { clientId, method, options, payload }: RequestParts): Buffer {
  const sink = new BufferSink();
  const path = ['mqtt', ...topic.split('/')].map((segment) => stringOption(OptionNumber.UriPath, segment));
  const all = [...options, ...path, stringOption(OptionNumber.UriQuery, `c=${clientId}`)];
  encode(
    { type: MessageType.CON, code: method, messageId: 0, token: Buffer.of(1), options: all, payload },
    sink,
  );
  return sink.take();
}
