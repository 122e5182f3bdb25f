import assert from 'node:assert/strict';
import { type ConnectFrame, describe, type Frame } from '@portico/codec-tcp';
import type { Channel, ConnectionInfo, MaybePromise } from '@portico/core';
import type { RecordingPeer, TestHub } from '@portico/core/testing';
import { tcpConfig } from './config.js';
import { tcpGateway } from './gateway.js';

/** The answer to a CONNECT that is right. */
export const WELCOME = 'CONNACK successful "Connect Successfully"';

/** A device without a socket: a channel that talks to a recording peer and to a real engine. */
export class Device {
  readonly peer: RecordingPeer<Frame>;
  readonly channel: Channel<Frame>;

  constructor(hub: TestHub, config: Record<string, unknown> = {}, connection: Partial<ConnectionInfo> = {}) {
    this.peer = hub.peer<Frame>('tcp', { peer: { host: '192.0.2.7', port: 50123 }, ...connection });
    const gateway = tcpGateway.create(hub.context('tcp'), tcpConfig.parse(config));
    this.channel = gateway.createChannel(this.peer);
    this.peer.attach(this.channel);
  }

  sends(frame: Frame): MaybePromise<void> {
    this.peer.received();
    return this.channel.onFrame(frame);
  }

  /** Sends a CONNECT of client `abcd`, keepalive 60, unless told otherwise. */
  async logsIn(fields: Partial<ConnectFrame> = {}): Promise<void> {
    const names = { clientId: 'abcd', username: undefined, password: undefined };
    await this.sends({ type: 'connect', version: 1, keepalive: 60, ...names, ...fields });
  }

  sendsData(text: string): MaybePromise<void> {
    return this.sends({ type: 'datatrans', payload: Buffer.from(text) });
  }

  /** What was sent to the device since the last look, a line for each frame. */
  look(): string[] {
    return this.peer.take().map(describe);
  }

  get closed(): string | undefined {
    return this.peer.ended;
  }
}

/** A device that has logged in as `abcd`. */
export async function loggedIn(hub: TestHub, config: Record<string, unknown> = {}): Promise<Device> {
  const device = new Device(hub, config);
  await device.logsIn();
  assert.deepEqual(device.look(), [WELCOME]);
  return device;
}

/** An application that is subscribed to `filter`. */
export function application(hub: TestHub, filter: string) {
  const client = hub.client('application');
  client.subscribe(filter, { qos: 2 });
  return client;
}
