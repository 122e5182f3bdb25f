import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confirmed, location, PHONE, Site } from './testing.js';

test('a command with only an id in its header is sent; the answer ends the wait, and is published', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  site.command(0x8900, { type: 240, data: 'MTIzNDU2' });
  const [sent] = terminal.take();
  assert.deepEqual(sent?.header.phone, PHONE);
  assert.deepEqual(sent?.body, { type: 240, data: 'MTIzNDU2' });
  await terminal.sends(0x0001, { seq: sent?.header.msg_sn, id: 0x8900, result: 0 });
  assert.deepEqual(site.bodies(), [{ seq: sent?.header.msg_sn, id: 0x8900, result: 0 }]);
  site.hub.clock.advance(60_000);
  assert.deepEqual(terminal.look(), []);
  assert.equal(site.count('commands.retransmitted'), 0);
});

test('one command at a time: the next is sent when the one before is answered, also by its own answer', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  site.command(0x8201);
  site.command(0x8107);
  site.command(0x8300, { flag: 1, text: '前方拥堵' });
  const [query] = terminal.take();
  assert.equal(query?.header.msg_id, 0x8201);
  await terminal.sends(0x0201, { seq: 999, params: location() });
  assert.deepEqual(terminal.look(), []);
  await terminal.sends(0x0201, { seq: query?.header.msg_sn, params: location() });
  assert.deepEqual(terminal.look(), ['0x8107 {}']);
  await terminal.sends(0x0107, {
    type: 1,
    manufacturer: '12345',
    model: 'M1',
    id: 'T000001',
    iccid: '89860012345678901234',
    hardware_version: '1',
    firmware_version: '2',
    gnss_prop: 1,
    comm_prop: 1,
  });
  assert.deepEqual(terminal.look(), ['0x8300 {"flag":1,"text":"前方拥堵"}']);
  const [, , properties] = site.bodies();
  assert.equal(properties?.iccid, '89860012345678901234');
});

test('a command that is not answered is sent again as it was, then given up, which applications are told', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  site.command(0x8104);
  site.command(0x8107);
  const [sent] = terminal.take();
  for (let i = 0; i < 3; i++) {
    site.hub.clock.advance(8_010);
    assert.deepEqual(terminal.take(), [sent]);
  }
  site.hub.clock.advance(8_010);
  assert.deepEqual(terminal.look(), ['0x8107 {}']);
  const [told] = site.heard();
  assert.equal(told?.message.error, 'no_answer');
  assert.equal(told?.message.header.msg_id, 0x8104);
  assert.equal(site.count('commands.retransmitted'), 3);
  assert.equal(site.count('commands.unanswered'), 1);
});

test('a command that is answered is over, however long it takes to publish the answer', async () => {
  const site = await Site.open({ max_retries: 0 });
  const terminal = await site.authenticated();
  site.command(0x8104);
  site.command(0x8107);
  const [query] = terminal.take();
  let publish = (): void => undefined;
  const published = new Promise<void>((resolve) => {
    publish = resolve;
  });
  site.hub.hooks.messagePublish.add('slow', () => published);
  const answered = terminal.sends(0x0104, { seq: query?.header.msg_sn, params: [] });
  site.hub.clock.advance(20_000);
  assert.deepEqual(terminal.take(), []);
  publish();
  await answered;
  assert.deepEqual(terminal.look(), ['0x8107 {}']);
  assert.deepEqual(
    site.heard().map(({ message }) => [message.header.msg_id, message.error]),
    [[0x0104, undefined]],
  );
});

test('a terminal that answers a command twice does not answer the next one by that', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  for (const id of [0x8201, 0x8107, 0x8702]) site.command(id);
  const [query] = terminal.take();
  const publishing: (() => void)[] = [];
  site.hub.hooks.messagePublish.add('slow', () => new Promise<void>((resolve) => publishing.push(resolve)));
  const answer = { seq: query?.header.msg_sn, params: location() };
  const answered = [terminal.sends(0x0201, answer), terminal.sends(0x0201, answer)];
  for (const publish of publishing) publish();
  await Promise.all(answered);
  assert.deepEqual(terminal.look(), ['0x8107 {}']);
  assert.equal(site.bodies().length, 2);
});

test('the late answer to a command that was given up does not answer the next one of its kind', async () => {
  const site = await Site.open({ max_retries: 0 });
  const terminal = await site.authenticated();
  for (const id of [0x8201, 0x8201, 0x8104]) site.command(id);
  const [first] = terminal.take();
  site.hub.clock.advance(8_010);
  const [second] = terminal.take();
  await terminal.sends(0x0201, { seq: first?.header.msg_sn, params: location() });
  assert.deepEqual(terminal.look(), []);
  await terminal.sends(0x0201, { seq: second?.header.msg_sn, params: location() });
  assert.deepEqual(terminal.look(), ['0x8104 {}']);
});

test('what is no command, or cannot be written, is refused with the reason, and the next one sent', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  site.application.publish(`jt808/${PHONE}/dn`, 'hello', 1);
  site.application.publish(`jt808/${PHONE}/dn`, '{"header":{"msg_id":70000}}', 1);
  site.application.publish(`jt808/${PHONE}/dn`, '{"header":{"msg_id":"0x8104"}}', 1);
  site.application.publish(`jt808/${PHONE}/dn`, '[]', 1);
  site.command(0x8300, { flag: 1 });
  site.command(0x8300, { flag: 1, text: '\u{1f600}' });
  site.command(0x8104);
  assert.deepEqual(terminal.look(), ['0x8104 {}']);
  const told = site.heard().map(({ message }) => message);
  assert.deepEqual(
    told.map(({ error }) => error),
    Array(6).fill('bad_command'),
  );
  const reasons = told.map(({ reason }) => String(reason));
  assert.deepEqual(reasons.slice(0, 4), [
    'it is not JSON',
    'header.msg_id: at most 65535',
    'header.msg_id: must be a number',
    'the command: must be an object',
  ]);
  assert.match(String(reasons[4]), /^body\.text: /);
  assert.equal(site.count('commands.invalid'), 6);
});

test('of more commands than may wait the oldest are dropped, counted, which applications are told', async () => {
  const site = await Site.open({ max_mqueue_len: 2 });
  const terminal = await site.authenticated();
  for (const id of [0x8104, 0x8107, 0x8201, 0x8702]) site.command(id);
  site.application.publish(`jt808/${PHONE}/dn`, 'hello', 1);
  site.command(0x8204);
  assert.deepEqual(
    site.heard().map(({ message: { header, error } }) => [header, error]),
    [0x8107, 0x8201, 0x8702].map((msg_id) => [{ msg_id }, 'queue_full']),
  );
  assert.deepEqual(terminal.look(), ['0x8104 {}']);
  assert.equal(site.hub.metrics.get('delivery.dropped.queue_full'), 3);
});

test('a topic of commands that has what the terminal says, too, does not send that back', async () => {
  const site = await Site.open({ dn_topic: 'jt808/%c/#' });
  const terminal = await site.authenticated();
  site.command(0x8300, {});
  await terminal.sends(0x0200, location());
  assert.deepEqual(terminal.look(), [confirmed(1, 0x0200)]);
  assert.equal(site.heard().length, 2);
});

test('a long command is sent in parts, and those that the terminal misses again', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  const firmware = Buffer.alloc(2500, 7).toString('base64');
  const command = { type: 0, manufacturer: '12345', ver_len: 1, version: '2', fw_len: 2500, firmware };
  site.command(0x8108, command);
  const parts = terminal.take();
  assert.deepEqual(
    parts.map(({ header }) => [header.frag_sn, header.frag_total]),
    [
      [1, 3],
      [2, 3],
      [3, 3],
    ],
  );
  const seq = parts[0]?.header.msg_sn;
  await terminal.sends(0x0005, { seq, count: 1, ids: [2] });
  const [again, answer] = terminal.take();
  assert.deepEqual(again, parts[1]);
  assert.deepEqual(answer?.body, { seq: 1, id: 0x0005, result: 0 });
  await terminal.sends(0x0001, { seq: parts[2]?.header.msg_sn, id: 0x8108, result: 0 });
  site.command(0x8104);
  assert.deepEqual(terminal.look(), ['0x8104 {}']);
});

test('commands wait for a terminal that is away, and one that it has not answered is sent again', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  site.command(0x8104);
  terminal.channel.onClose('closed');
  site.command(0x8107);
  const back = site.terminal();
  await back.sends(0x0102, { code: 'abc' });
  assert.deepEqual(back.look(), [confirmed(0, 0x0102), '0x8104 {}']);
  await back.sends(0x0104, { seq: 1, length: 0, params: [] });
  assert.deepEqual(back.look(), ['0x8107 {}']);
});

test('with session_expiry_interval 0 they do not', async () => {
  const site = await Site.open({ session_expiry_interval: 0 });
  const terminal = await site.authenticated();
  terminal.channel.onClose('closed');
  site.command(0x8107);
  const back = await site.authenticated();
  assert.deepEqual(back.look(), []);
});
