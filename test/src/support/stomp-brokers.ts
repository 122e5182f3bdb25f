import { RunningPeer, rabbitmqWebSocket } from '@portico/bench';
import { Portico } from './portico.js';

/** Where a broker that runs is to be found. */
interface Place {
  readonly tcpPort: number;
  readonly webSocketUrl: string;
  stop(): Promise<unknown>;
}

/** A server that clients go through the same script with, and what each calls by another name. */
export interface StompBroker {
  readonly name: string;
  start(): Promise<Place>;
  /** The destination of these levels. */
  destination(...levels: readonly string[]): string;
  /** The level of a destination that stands for any. */
  readonly anyLevel: string;
  /** Headers of SUBSCRIBE with which a subscription outlives the connection. */
  readonly durable: Readonly<Record<string, string>>;
  /** Headers of NACK with which a message does not come again. */
  readonly dropped: Readonly<Record<string, string>>;
  /** The header `message` of the ERROR for a COMMIT of a transaction that there is not. */
  readonly noTransaction: string;
  /** Whether that is the end of the connection. */
  readonly endsAfterError: boolean;
  /** How many of them are waited for. */
  readonly heartBeats: number;
}

const portico: StompBroker = {
  name: 'Portico',
  async start() {
    const hub = await Portico.start({
      config: `
gateways:
  stomp:
    min_heart_beat: 10ms
    listeners:
      tcp: { default: { bind: 127.0.0.1:0 } }
      ws: { default: { bind: 127.0.0.1:0 } }
`,
    });
    return {
      tcpPort: hub.port('stomp:tcp:default'),
      webSocketUrl: `ws://127.0.0.1:${hub.port('stomp:ws:default')}/stomp`,
      stop: () => hub.stop(),
    };
  },
  destination: (...levels) => levels.join('/'),
  anyLevel: '+',
  durable: { durable: 'true' },
  dropped: {},
  noTransaction: 'Transaction nothing not found',
  endsAfterError: true,
  heartBeats: 3,
};

const rabbitmq: StompBroker = {
  name: 'RabbitMQ',
  async start() {
    const peer = await RunningPeer.start(rabbitmqWebSocket, undefined, 60_000);
    return {
      tcpPort: peer.port,
      webSocketUrl: `ws://127.0.0.1:${peer.port + 1}/ws`,
      stop: () => peer.stop(),
    };
  },
  destination: (...levels) => `/topic/${levels.join('.')}`,
  anyLevel: '*',
  durable: { durable: 'true', 'auto-delete': 'false' },
  dropped: { requeue: 'false' },
  noTransaction: 'Bad transaction',
  endsAfterError: false,
  // It sends them in whole seconds.
  heartBeats: 1,
};

/** What clients of STOMP are tried with: the same is to come of it, but for what the page of conformance names. */
export const STOMP_BROKERS: readonly StompBroker[] = [portico, rabbitmq];
