import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionInfo, RecordingPeer } from '../testing/recording-peer.js';
import { TestHub } from '../testing/test-hub.js';
import { ClientChannel } from './client-channel.js';

const LOGIN_TIMEOUT = 15_000;

/** Its one frame says how long the client may be silent, in milliseconds. */
class PatientChannel extends ClientChannel<number, never> {
  readonly #hub: TestHub;

  constructor(peer: RecordingPeer<never>, hub: TestHub) {
    super(peer, hub.clock, LOGIN_TIMEOUT);
    this.#hub = hub;
    peer.attach(this);
  }

  onFrame(patience: number): void {
    this.session = this.#hub.client('c').session;
    this.allowSilence(patience);
  }
}

function setUp() {
  const hub = new TestHub();
  const peer = new RecordingPeer<never>(connectionInfo('test'), hub.clock, hub.timers);
  return { hub, peer, channel: new PatientChannel(peer, hub) };
}

test('a client that does not log in is let go', () => {
  const { hub, peer } = setUp();
  hub.clock.advance(LOGIN_TIMEOUT - 1000);
  assert.equal(peer.ended, undefined);
  hub.clock.advance(2000);
  assert.equal(peer.ended, 'idle_timeout');
});

test('a client may be silent for as long as it has been allowed, from its last byte on', () => {
  const { hub, peer, channel } = setUp();
  channel.onFrame(60_000);
  hub.clock.advance(50_000);
  peer.received();
  hub.clock.advance(50_000);
  assert.equal(peer.ended, undefined);
  hub.clock.advance(12_000);
  assert.equal(peer.ended, 'keepalive_timeout');
});

test('what is no frame ends session and connection', () => {
  const { hub, peer, channel } = setUp();
  channel.onFrame(0);
  channel.onFrameError(Object.assign(new Error('no frame'), { code: 'bad', offset: 0 }));
  assert.equal(peer.ended, 'bad');
  assert.equal(hub.metrics.gauge('connections', '').value, 0);
});

test('who loses its session loses its connection', () => {
  const { peer, channel } = setUp();
  channel.onFrame(0);
  channel.detached('kicked');
  assert.equal(peer.ended, 'kicked');
});
