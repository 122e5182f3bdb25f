import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command, ResponseFlag } from '@portico/codec-gbt32960';
import { TestHub } from '@portico/core/testing';
import { application, loggedIn, platform, TIME } from './testing.js';

const LOCATION = { Type: 'Location', Status: 0, Longitude: 10, Latitude: 100 };
const REPORT = { Time: TIME, Infos: [LOCATION] };
/** As it stands in frames. */
const NUMBER = 'PLATFORM-1'.padEnd(17, '\0');

function login(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { Time: TIME, Seq: 2, Username: 'fleet', Password: 'secret', Encrypt: 1, ...changes };
}

test('a platform brings many vehicles under its own session', async () => {
  const hub = new TestHub();
  const app = application(hub);
  const fleet = await platform(hub);
  const [[topic, login] = []] = app.look();
  assert.equal(topic, 'PLATFORM-1/upstream/plogin');
  assert.deepEqual(login?.Data, { Time: TIME, Seq: 1, Username: 'fleet\0\0\0\0\0\0\0', Encrypt: 1 });
  const [a, b] = ['LGHC4V1D3HE202651', 'LGHC4V1D3HE202652'];
  await fleet.logsIn(1, a);
  await fleet.sends({ command: Command.RealTimeReport, vin: a as string, data: REPORT });
  await fleet.sends({ command: Command.RealTimeReport, vin: b as string, data: REPORT });
  assert.deepEqual(app.topics(), [`${a} vlogin`, `${a} info`, `${b} info`]);
  assert.deepEqual(fleet.look(), [`1=1 ${a}`, `2=1 ${a}`, `2=1 ${b}`]);
  app.commands({ Action: 'Control', Command: '0x02' }, a);
  app.commands({ Action: 'Control', Command: '0x03' }, b);
  assert.deepEqual(
    fleet.commands().map(({ vin }) => vin),
    [a, b],
  );
  await fleet.sends({ command: Command.VehicleLogout, vin: a as string, data: { Time: TIME, Seq: 1 } });
  app.topics();
  fleet.peer.take();
  app.commands({ Action: 'Control', Command: '0x02' }, a);
  assert.deepEqual(fleet.commands(), []);
  await fleet.sends({ command: Command.PlatformLogout, vin: 'PLATFORM-1', data: { Time: TIME, Seq: 1 } });
  assert.deepEqual(app.topics(), ['PLATFORM-1 plogout', `${b} response`]);
});

test('a platform brings no more vehicles than it may', async () => {
  const hub = new TestHub();
  const fleet = await platform(hub, { max_vehicles: 1 });
  for (const vin of ['A', 'B', 'A'])
    await fleet.sends({ command: Command.RealTimeReport, vin, data: REPORT });
  assert.deepEqual(
    fleet.peer.take().map(({ response }) => response),
    [ResponseFlag.Success, ResponseFlag.Error, ResponseFlag.Success],
  );
  assert.equal(hub.metrics.counter('gbt32960.messages.dropped.too_many_vehicles', '').value, 1);
});

test('a platform that logs in again by the same connection is asked for its password again', async () => {
  const hub = new TestHub({ policy: { allowAnonymous: false } });
  hub.access.addAuthenticator({
    name: 'test',
    authenticate: ({ clientId, username, password }) =>
      [clientId, username, password?.toString()].join() === 'PLATFORM-1,fleet,secret' ||
      clientId === 'application'
        ? { answer: 'allow' }
        : { answer: 'deny', refusal: 'bad_credentials' },
  });
  const app = application(hub);
  for (const changes of [{ Password: 'guessed' }, { Username: 'others' }]) {
    const fleet = await platform(hub);
    await fleet.sends({ command: Command.PlatformLogin, vin: NUMBER, data: login() });
    assert.deepEqual(fleet.look(), [`5=1 ${NUMBER}`]);
    assert.equal(fleet.closed, undefined);
    assert.deepEqual(app.topics(), ['PLATFORM-1 plogin', 'PLATFORM-1 plogin']);
    await fleet.sends({ command: Command.PlatformLogin, vin: NUMBER, data: login(changes) });
    assert.deepEqual(fleet.look(), [`5=2 ${NUMBER}`]);
    assert.equal(fleet.closed, 'bad_credentials');
    assert.deepEqual(app.topics(), []);
  }
});

test('what a platform was told before it logs in again is told of', async () => {
  const hub = new TestHub();
  const app = application(hub);
  const fleet = await platform(hub);
  const vin = 'LGHC4V1D3HE202651';
  await fleet.logsIn(1, vin);
  app.commands({ Action: 'Control', Command: '0x02' }, vin);
  app.look();
  await fleet.sends({ command: Command.PlatformLogin, vin: NUMBER, data: login() });
  const [[, { Error: failure } = {}] = []] = app.look();
  assert.equal((failure as { Code: string }).Code, 'disconnected');
});

test('another platform does not log in by the same connection, nor one by that of a vehicle', async () => {
  const hub = new TestHub();
  const [fleet, vehicle] = [await platform(hub), await loggedIn(hub)];
  const app = application(hub);
  for (const terminal of [fleet, vehicle]) {
    await terminal.sends({ command: Command.PlatformLogin, vin: 'PLATFORM-2', data: login() });
    assert.deepEqual(terminal.look(), [`5=2 ${'PLATFORM-2'.padEnd(17, '\0')}`]);
    assert.equal(terminal.closed, undefined);
  }
  assert.deepEqual(app.topics(), []);
});
