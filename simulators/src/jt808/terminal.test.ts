import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBody, encodeMessage, Jt808Decoder, type Jt808Header } from '@portico/codec-jt808';
import { DEFAULT_ROUTE } from '../route/default-route.js';
import { distance } from '../route/route.js';
import { DeviceSite } from '../testing.js';
import { Terminal } from './terminal.js';

type Body = Readonly<Record<string, unknown>>;

interface Said {
  readonly id: string;
  readonly header: Jt808Header;
  readonly body: Body;
}

const idOf = (id: number) => `0x${id.toString(16).padStart(4, '0')}`;

/** A terminal, and the platform that it talks to. */
class Site extends DeviceSite<Said> {
  readonly terminal: Terminal;
  readonly #edition: 2013 | 2019;
  #serial = 100;

  constructor(edition: 2013 | 2019 = 2013, udp = false) {
    super();
    this.#edition = edition;
    this.terminal = new Terminal(
      { edition, phone: '13900000007', route: DEFAULT_ROUTE, interval: 10_000, heartbeat: 60_000, udp },
      this.uplink.services,
    );
  }

  protected decode(bytes: Buffer): Said[] {
    const decoder = new Jt808Decoder();
    decoder.push(bytes);
    const said = [];
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
      assert.ok(frame.kind === 'frame');
      const { body, faults } = decodeBody(frame);
      assert.deepEqual(faults, []);
      said.push({ id: idOf(frame.header.msg_id), header: frame.header, body });
    }
    return said;
  }

  /** All that is no heartbeat. */
  protected isReport({ id }: Said): boolean {
    return id !== '0x0002';
  }

  protected accepts(said: Said): void {
    this.confirms(said);
  }

  /** The platform sends a message. @returns its serial number */
  sends(msg_id: number, body?: unknown, maxBodyLength = 1023): number {
    const msg_sn = this.#serial;
    const header = { msg_id, phone: '13900000007', msg_sn };
    const frames = encodeMessage({ header, body }, { edition: this.#edition, maxBodyLength });
    this.#serial += frames.length;
    for (const frame of frames) this.terminal.received(frame);
    return msg_sn;
  }

  confirms({ header: { msg_sn: seq, msg_id: id } }: Said, result = 0): void {
    this.sends(0x8001, { seq, id, result });
  }

  /** Registers and authenticates. */
  logsIn(): void {
    this.terminal.opened(this.uplink);
    this.sends(0x8100, { seq: this.takeOne().header.msg_sn, result: 0, auth_code: 'secret' });
    this.confirms(this.takeOne());
  }
}

function loggedIn(edition: 2013 | 2019 = 2013): Site {
  const site = new Site(edition);
  site.logsIn();
  return site;
}

test('it registers, then authenticates with the code that it got, then it is in', () => {
  const site = new Site();
  site.terminal.opened(site.uplink);
  const registration = site.takeOne();
  assert.equal(registration.id, '0x0100');
  assert.equal(registration.header.phone, '013900000007');
  assert.equal(registration.body.license_number, '沪A00007');
  site.sends(0x8100, { seq: registration.header.msg_sn, result: 0, auth_code: 'secret' });
  const authentication = site.takeOne();
  assert.deepEqual([authentication.id, authentication.body], ['0x0102', { code: 'secret' }]);
  assert.deepEqual(site.uplink.said, []);
  site.confirms(authentication);
  assert.deepEqual(site.uplink.said, ['accepted']);
});

test('a terminal of 2019 has a long phone number, and tells its IMEI', () => {
  const site = new Site(2019);
  site.terminal.opened(site.uplink);
  const registration = site.takeOne();
  assert.deepEqual([registration.header.proto_ver, registration.header.phone], [1, '00000000013900000007']);
  site.sends(0x8100, { seq: 0, result: 0, auth_code: 'x' });
  const { body } = site.takeOne();
  assert.deepEqual(body, { code: 'x', imei: '000013900000007', software_version: '1.0' });
});

test('the code is kept for the next connection, until the platform refuses it', () => {
  const site = loggedIn();
  site.terminal.closed();
  site.terminal.opened(site.uplink);
  const authentication = site.takeOne();
  assert.equal(authentication.id, '0x0102');
  site.confirms(authentication, 1);
  assert.deepEqual(site.uplink.said, ['accepted', 'refused: authentication, result 1']);
  site.terminal.closed();
  site.terminal.opened(site.uplink);
  assert.equal(site.takeOne().id, '0x0100');
});

test('a registration that is refused is told of', () => {
  const site = new Site();
  site.terminal.opened(site.uplink);
  site.sends(0x8100, { seq: site.takeOne().header.msg_sn, result: 4 });
  assert.deepEqual(site.uplink.said, ['refused: registration, result 4']);
});

test('it sends its location again and again, and every one fits the one before', () => {
  const site = loggedIn();
  const reports = site.passes(60_000).filter(({ id }) => id !== '0x0002');
  assert.equal(reports.length, 6);
  const fixes = reports.map(({ id, body }) => {
    assert.equal(id, '0x0200');
    const { mileage } = body.extra as { mileage: number };
    const place = { lon: Number(body.longitude) / 1e6, lat: Number(body.latitude) / 1e6 };
    return { ...place, mileage: mileage * 100, time: Number(body.time), speed: Number(body.speed) / 10 };
  });
  for (const [index, fix] of fixes.entries()) {
    const before = fixes[index - 1];
    if (before === undefined) continue;
    const driven = fix.mileage - before.mileage;
    assert.ok(Math.abs(driven - ((before.speed + fix.speed) / 2 / 3.6) * 10) < 110, String(driven));
    assert.ok(distance(before, fix) <= driven + 110);
    assert.ok(fix.time > before.time);
  }
});

test('it sends heartbeats', () => {
  const site = loggedIn();
  assert.equal(site.passes(180_000).filter(({ id }) => id === '0x0002').length, 3);
});

test('answers are counted, those that refuse the message apart', () => {
  const site = loggedIn();
  site.uplink.clock.advance(10_000);
  const [report] = site.reports();
  assert.ok(report);
  site.confirms(report, 1);
  const { sent, answered, rejected, unanswered } = site.uplink.tally.counts;
  assert.deepEqual([sent - answered <= 1, rejected, unanswered], [true, 1, 0]);
});

test('a platform that answers nothing has lost it; what it would have reported meanwhile is kept', () => {
  const site = loggedIn();
  site.uplink.clock.advance(70_000);
  assert.deepEqual(site.uplink.said, ['accepted', 'lost: no answers']);
  site.terminal.closed();
  site.take();
  site.terminal.opened(site.uplink);
  site.confirms(site.takeOne());
  assert.equal(site.takeOne().id, '0x0704');
});

test('a platform that answers, if not everything, has not', () => {
  const site = loggedIn();
  for (let time = 0; time < 120; time += 20) {
    site.uplink.clock.advance(20_000);
    const [first] = site.take();
    if (first) site.confirms(first);
  }
  assert.deepEqual(site.uplink.said, ['accepted']);
});

test('over UDP a message that is refused makes it authenticate anew', () => {
  const site = new Site(2013, true);
  site.logsIn();
  site.uplink.clock.advance(10_000);
  const [report] = site.reports();
  assert.ok(report);
  site.confirms(report, 1);
  assert.deepEqual(site.uplink.said, ['accepted', 'lost: not authenticated any more']);
});

test('what it gathers without a connection is sent in batches when it is in again', () => {
  const site = loggedIn();
  site.uplink.clock.advance(10_000);
  site.terminal.closed();
  site.take();
  site.uplink.clock.advance(250_000);
  assert.deepEqual(site.take(), []);
  site.terminal.opened(site.uplink);
  site.confirms(site.takeOne());
  const batches = site.take();
  assert.deepEqual(
    batches.map(({ id, body }) => [id, body.type, body.length]),
    [
      ['0x0704', 1, 20],
      ['0x0704', 1, 5],
    ],
  );
  const times = batches.flatMap(({ body }) => (body.location as Body[]).map(({ time }) => String(time)));
  assert.deepEqual(times, [...times].sort());
});

test('before its first login it gathers nothing', () => {
  const site = new Site();
  site.terminal.opened(site.uplink);
  site.take();
  site.terminal.closed();
  site.uplink.clock.advance(100_000);
  site.logsIn();
  assert.deepEqual(site.take(), []);
});

test('it confirms commands that it knows, and says which it does not', () => {
  const site = loggedIn();
  const seq = site.sends(0x8300, { flag: 1, text: '你好' });
  const { id, body } = site.takeOne();
  assert.deepEqual([id, body], ['0x0001', { seq, id: 0x8300, result: 0 }]);
  const unknown = site.sends(0x8fff, { data: '' });
  assert.deepEqual(site.takeOne().body, { seq: unknown, id: 0x8fff, result: 3 });
  assert.equal(site.uplink.tally.counts.commands, 2);
});

test('a command that comes in parts is answered once; one that is cut short is wrong', () => {
  const site = loggedIn();
  const seq = site.sends(0x8300, { flag: 1, text: 'a long text in parts' }, 8);
  assert.deepEqual(site.takeOne().body, { seq, id: 0x8300, result: 0 });
  const header = { msg_id: 0x6fff, phone: '13900000007', msg_sn: 7 };
  const [frame] = encodeMessage({ header, body: { data: 'AQ==' } });
  assert.ok(frame);
  frame.writeUInt16BE(0x8202, 1);
  const at = frame.length - 2;
  frame.writeUInt8(frame.readUInt8(at) ^ 0x6f ^ 0xff ^ 0x82 ^ 0x02, at);
  site.terminal.received(frame);
  assert.deepEqual(site.takeOne().body, { seq: 7, id: 0x8202, result: 2 });
});

test('answers, times and keys of the platform are not answered', () => {
  const site = loggedIn();
  site.sends(0x8001, { seq: 9999, id: 0x0200, result: 0 });
  site.sends(0x8004, { time: '261121163000' });
  site.sends(0x8800, { mm_id: 1 });
  assert.deepEqual(site.take(), []);
});

test('its parameters can be asked for and set; intervals count from then on', () => {
  const site = loggedIn();
  const asked = site.sends(0x8104);
  const { id, body } = site.takeOne();
  assert.equal(id, '0x0104');
  assert.deepEqual(body, {
    seq: asked,
    length: 2,
    params: [
      { id: 1, value: 60 },
      { id: 0x29, value: 10 },
    ],
  });
  const params = [
    { id: 0x29, value: 1 },
    { id: 0x13, value: 'example.com' },
  ];
  const set = site.sends(0x8103, { params });
  assert.deepEqual(site.takeOne().body, { seq: set, id: 0x8103, result: 0 });
  const some = site.sends(0x8106, { ids: [0x13, 0x77] });
  assert.deepEqual(site.takeOne().body, {
    seq: some,
    length: 1,
    params: [{ id: 0x13, value: 'example.com' }],
  });
  site.uplink.clock.advance(10_000);
  site.take();
  site.uplink.clock.advance(10_000);
  assert.equal(site.reports().length, 10);
});

test('queries are answered by what they ask for', () => {
  const site = loggedIn();
  const seq = site.sends(0x8201);
  const location = site.takeOne();
  assert.deepEqual([location.id, location.body.seq], ['0x0201', seq]);
  assert.ok((location.body.params as Body).latitude);
  site.sends(0x8107);
  const properties = site.takeOne();
  assert.deepEqual([properties.id, properties.body.id], ['0x0107', '0000007']);
  site.sends(0x8500, { flag: 1 });
  assert.equal(site.takeOne().id, '0x0500');
  site.sends(0x8302, { flag: 1, question: 'ready?', answers: [{ id: 5, answer: 'yes' }] });
  assert.deepEqual(
    site.take().map(({ id, body }) => [id, body.id]),
    [
      ['0x0001', 0x8302],
      ['0x0302', 5],
    ],
  );
  const photo = { channel_id: 1, command: 1, period: 0, save: 0, resolution: 1, quality: 1 };
  site.sends(0x8801, { ...photo, bright: 1, contrast: 1, saturate: 1, chromaticity: 1 });
  assert.equal(site.takeOne().body.result, 2);
  const wanted = { type: 0, channel: 0, event: 0, start_time: '000000000000', end_time: '000000000000' };
  site.sends(0x8802, wanted);
  assert.deepEqual(site.takeOne().body.result, []);
});

test('it logs out when it goes, and says nothing more', () => {
  const site = loggedIn();
  site.terminal.leave();
  assert.equal(site.takeOne().id, '0x0003');
  site.uplink.clock.advance(600_000);
  assert.deepEqual(site.take(), []);
});

test('one that is not in has nothing to log out from', () => {
  const site = new Site();
  site.terminal.opened(site.uplink);
  site.take();
  site.terminal.leave();
  assert.deepEqual(site.take(), []);
});
