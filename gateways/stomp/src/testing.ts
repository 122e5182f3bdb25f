import type { Channel, ConnectionInfo } from '@portico/core';
import type { RecordingPeer, TestHub } from '@portico/core/testing';
import { BufferSink, isFrameError } from '@portico/frame';
import { type Outgoing, StompCodec } from './codec.js';
import { stompConfig } from './config.js';
import { stompGateway } from './gateway.js';

/** A client without a socket: a channel that talks to a recording peer and to a real engine, in the text of frames. */
export class Client {
  readonly peer: RecordingPeer<Outgoing>;
  readonly channel: Channel<never>;
  readonly #codec = new StompCodec();

  constructor(hub: TestHub, config: Record<string, unknown> = {}, connection: Partial<ConnectionInfo> = {}) {
    this.peer = hub.peer<Outgoing>('stomp', { peer: { host: '192.0.2.7', port: 50123 }, ...connection });
    const gateway = stompGateway.create(hub.context('stomp'), stompConfig.parse(config));
    this.channel = gateway.createChannel(this.peer) as Channel<never>;
    this.peer.attach(this.channel);
  }

  /** Sends frames as text, `^` for NUL. What is no frame is told as a link does. */
  async sends(text: string): Promise<void> {
    this.peer.received();
    this.#codec.push(Buffer.from(text.replaceAll('^', '\0')));
    try {
      for (let frame = this.#codec.next(); frame !== undefined; frame = this.#codec.next()) {
        await this.channel.onFrame(frame as never);
      }
    } catch (error) {
      if (!isFrameError(error)) throw error;
      this.channel.onFrameError(error);
    }
  }

  /** Sends a CONNECT of STOMP 1.2 unless told otherwise. @param headers more of them, each with its line end */
  async connects(headers = '', version = '1.2'): Promise<void> {
    await this.sends(`CONNECT\naccept-version:${version}\nhost:/\n${headers}\n^`);
  }

  /** What was sent to the client since the last look, as text with `^` for NUL; each frame by itself. */
  look(): string[] {
    return this.peer.take().map((frame) => {
      const sink = new BufferSink();
      this.#codec.encode(frame, sink);
      return sink.take().toString().replaceAll('\0', '^');
    });
  }

  get closed(): string | undefined {
    return this.peer.ended;
  }
}

/** A client that is connected. */
export async function connected(
  hub: TestHub,
  config: Record<string, unknown> = {},
  headers = '',
  version = '1.2',
): Promise<Client> {
  const client = new Client(hub, config);
  await client.connects(headers, version);
  const [answer = ''] = client.look();
  if (!answer.startsWith('CONNECTED\n')) throw new Error(`refused: ${answer}`);
  return client;
}
