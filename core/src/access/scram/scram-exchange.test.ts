import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { ExchangeAnswer } from '../types.js';
import {
  MIN_SCRAM_ITERATIONS,
  SCRAM_MECHANISMS,
  type ScramMechanism,
  scramCredentials,
} from './scram-credentials.js';
import { ScramExchange } from './scram-exchange.js';
import { type ScramUser, ScramUsers } from './scram-users.js';
import { ScramClient } from './testing.js';

const DENY: ExchangeAnswer = { answer: 'deny', refusal: 'bad_credentials' };

/** Exchanges as documents print them, of the user `user` with the password `pencil`. */
const PRINTED: Readonly<Record<ScramMechanism, { salt: string; nonce: string; lines: readonly string[] }>> = {
  // RFC 5802 §5
  'SCRAM-SHA-1': {
    salt: 'QSXCR+Q6sek8bf92',
    nonce: '3rfcNHYJY1ZVvWVs7j',
    lines: [
      'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
      'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
      'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
      'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
    ],
  },
  // RFC 7677 §3
  'SCRAM-SHA-256': {
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    nonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    lines: [
      'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
      'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    ],
  },
  // No document has one: computed by the formulas of RFC 5802 §3 with Python's hashlib.
  'SCRAM-SHA-512': {
    salt: 'Yin2FuHTt/M0kJWb0t9OI32n2VmOGi3m+JfjOvuDF88=',
    nonce: '02431b08-2f0c-4bad-a4e6-80c0564ec865',
    lines: [
      'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
      'r=rOprNGfwEbeRWgbNEkqO02431b08-2f0c-4bad-a4e6-80c0564ec865,s=Yin2FuHTt/M0kJWb0t9OI32n2VmOGi3m+JfjOvuDF88=,i=4096',
      'c=biws,r=rOprNGfwEbeRWgbNEkqO02431b08-2f0c-4bad-a4e6-80c0564ec865,p=/rEe0l0f8TFUZ602ZhrlhFQjPTPwhuBN2OtmtUkVwke0+1HXwg97t9EAECkJuwsneJbK96u3OkWQ9AnQTfQOkQ==',
      'v=+G6+ISRLYUHLGlkL5p/wF8dGGJb1DNQ+pAw35WkWjFeKS8/Ms75mKGsQVxiMR5dTV864MOPCzaB6hba2VXMbfA==',
    ],
  },
};

const MECHANISMS = Object.keys(SCRAM_MECHANISMS) as readonly ScramMechanism[];

async function user(
  username: string,
  password: string,
  {
    mechanism = 'SCRAM-SHA-256',
    isSuperuser = false,
  }: { mechanism?: ScramMechanism; isSuperuser?: boolean } = {},
): Promise<ScramUser> {
  const credentials = await scramCredentials(mechanism, password, MIN_SCRAM_ITERATIONS);
  return { username, isSuperuser, credentials };
}

/** Those of most tests: `ann` with the password `pencil`, and `a,b=c` with `p\u00E9n`. */
let users: ScramUsers;
before(async () => {
  users = new ScramUsers('SCRAM-SHA-256', [await user('ann', 'pencil'), await user('a,b=c', 'p\u00E9n')]);
});

/** The data of an answer that asks for more. */
function challenge(answer: ExchangeAnswer): Buffer {
  assert.equal(answer.answer, 'continue');
  assert.ok(answer.data !== undefined);
  return answer.data;
}

/** What a client gets in the end. */
async function login(client: ScramClient, among = users): Promise<ExchangeAnswer> {
  const exchange = new ScramExchange(among);
  const answer = exchange.next(client.first());
  return answer.answer === 'continue' ? exchange.next(await client.final(answer.data)) : answer;
}

for (const mechanism of MECHANISMS) {
  const { salt, nonce, lines } = PRINTED[mechanism];

  test(`${mechanism}: the printed exchange, word for word`, async () => {
    const credentials = await scramCredentials(mechanism, 'pencil', 4096, Buffer.from(salt, 'base64'));
    const printed = new ScramUsers(mechanism, [{ username: 'user', isSuperuser: false, credentials }]);
    const exchange = new ScramExchange(printed, () => nonce);
    const [clientFirst = '', serverFirst, clientFinal = '', serverFinal] = lines;
    assert.equal(challenge(exchange.next(Buffer.from(clientFirst))).toString(), serverFirst);
    assert.deepEqual(exchange.next(Buffer.from(clientFinal)), {
      answer: 'allow',
      username: 'user',
      isSuperuser: false,
      data: Buffer.from(serverFinal ?? ''),
    });
  });

  test(`${mechanism}: a client that knows the password is let in and believes the server`, async () => {
    const root = new ScramUsers(mechanism, [await user('root', 'pencil', { mechanism, isSuperuser: true })]);
    const client = new ScramClient(mechanism, 'root', 'pencil');
    const answer = await login(client, root);
    assert.equal(answer.answer, 'allow');
    assert.equal(answer.isSuperuser, true);
    assert.ok(client.believes(answer.data));
    assert.deepEqual(await login(new ScramClient(mechanism, 'root', 'pen'), root), DENY);
  });
}

test('commas and equals signs in user names, and letters written in another way, change nothing', async () => {
  const answer = await login(new ScramClient('SCRAM-SHA-256', 'a,b=c', 'pe\u0301n'));
  assert.equal(answer.answer, 'allow');
  assert.equal(answer.username, 'a,b=c');
  const soft = await login(new ScramClient('SCRAM-SHA-256', 'a\u00ADnn', 'pencil'));
  assert.equal(soft.answer, 'allow');
  assert.equal(soft.username, 'ann');
});

test('a client may know of channel binding, and name itself as whom it acts for', async () => {
  for (const gs2Header of ['n,,', 'y,,', 'n,a=ann,', 'y,a=ann,']) {
    const answer = await login(new ScramClient('SCRAM-SHA-256', 'ann', 'pencil', { gs2Header }));
    assert.equal(answer.answer, 'allow', gs2Header);
  }
});

/** First messages that are no good, whoever sends them. */
const WRONG_FIRST = {
  'channel binding, which is not offered': 'p=tls-unique,,n=ann,r=abc',
  'no GS2 header': 'n=ann,r=abc',
  'an unknown channel binding flag': 'x,,n=ann,r=abc',
  'acting for somebody else': 'n,a=root,n=ann,r=abc',
  'acting for nobody': 'n,a=,n=ann,r=abc',
  'an extension that must be understood': 'n,,m=x,n=ann,r=abc',
  'such an extension at the end': 'n,,n=ann,r=abc,m=x',
  'no user name': 'n,,n=,r=abc',
  'a user name that ends in an equals sign': 'n,,n=ann=,r=abc',
  'a user name with an unknown escape': 'n,,n=ann=2c,r=abc',
  'a user name of which SASLprep leaves nothing': 'n,,n=\u00AD,r=abc',
  'a control character in the user name': 'n,,n=a\u0007,r=abc',
  'no nonce': 'n,,n=ann',
  'an empty nonce': 'n,,n=ann,r=',
  'a nonce with a space': 'n,,n=ann,r=a b',
  'a nonce that is not ASCII': 'n,,n=ann,r=\u00E9',
  'attributes in another order': 'n,,r=abc,n=ann',
  'an extension without a value': 'n,,n=ann,r=abc,x=',
  'a comma at the end': 'n,,n=ann,r=abc,',
  'a line break at the end': 'n,,n=ann,r=abc\n',
  'nothing at all': '',
} as const;

for (const [what, text] of Object.entries(WRONG_FIRST)) {
  test(`a first message is refused: ${what}`, () => {
    assert.deepEqual(new ScramExchange(users).next(Buffer.from(text)), DENY);
  });
}

test('a first message that is not there, not UTF-8 or too long is refused', () => {
  const exchange = () => new ScramExchange(users);
  assert.deepEqual(exchange().next(undefined), DENY);
  assert.deepEqual(exchange().next(Buffer.from('n,,n=\xff\xfe,r=abc', 'latin1')), DENY);
  const long = (length: number) => Buffer.from('n,,n=ann,r='.padEnd(length, 'x'));
  assert.equal(exchange().next(long(2048)).answer, 'continue');
  assert.deepEqual(exchange().next(long(2049)), DENY);
});

test('extensions that need not be understood are passed over', () => {
  assert.equal(new ScramExchange(users).next(Buffer.from('n,,n=ann,r=abc,x=1,y==,=')).answer, 'deny');
  assert.equal(new ScramExchange(users).next(Buffer.from('n,,n=ann,r=abc,x=1,y==')).answer, 'continue');
});

/** What may happen to a final message that was right. */
const DAMAGE: Readonly<Record<string, (final: string) => string>> = {
  'another GS2 header': (final) => final.replace('c=biws', `c=${Buffer.from('y,,').toString('base64')}`),
  'channel binding data': (final) => final.replace('c=biws', `c=${Buffer.from('n,,x').toString('base64')}`),
  'base64 with bits left over': (final) => final.replace('c=biws', 'c=biwt'),
  'no channel binding': (final) => final.replace('c=biws,', ''),
  "only the client's nonce": (final) => final.replace(/r=(.{24})[^,]*/, 'r=$1'),
  'another nonce': (final) => final.replace(/r=.../, 'r=xyz'),
  'a longer nonce': (final) => final.replace(/,p=/, 'x,p='),
  'no proof': (final) => final.replace(/,p=.*/, ''),
  'an empty proof': (final) => final.replace(/,p=.*/, ',p='),
  'a shorter proof': (final) => final.replace(/,p=.*/, ',p=AAAA'),
  'a proof without padding': (final) => final.replace(/=$/, ''),
  'a proof with a space': (final) => `${final.slice(0, -4)} ${final.slice(-4)}`,
  'another proof': (final) => final.replace(/,p=..../, ',p=AAAA'),
  'something behind the proof': (final) => `${final},x=1`,
  'a line break': (final) => `${final}\n`,
  'an extension that the proof does not know': (final) => final.replace(',p=', ',x=1,p='),
  'too many bytes': (final) => final.replace(',p=', `,x=${'1'.repeat(2048)},p=`),
  nothing: () => '',
};

for (const [what, damage] of Object.entries(DAMAGE)) {
  test(`a final message is refused: ${what}`, async () => {
    const client = new ScramClient('SCRAM-SHA-256', 'ann', 'pencil');
    const exchange = new ScramExchange(users);
    const final = (await client.final(challenge(exchange.next(client.first())))).toString();
    const damaged = damage(final);
    assert.notEqual(damaged, final);
    assert.deepEqual(exchange.next(Buffer.from(damaged)), DENY);
  });
}

test('a final message fits one exchange only', async () => {
  const client = new ScramClient('SCRAM-SHA-256', 'ann', 'pencil');
  const [first, second] = [new ScramExchange(users), new ScramExchange(users)];
  const final = await client.final(challenge(first.next(client.first())));
  assert.notDeepEqual(second.next(client.first()), DENY);
  assert.deepEqual(second.next(final), DENY);
  assert.equal(first.next(final).answer, 'allow');
});

test('no bytes make an exchange throw', async () => {
  const client = new ScramClient('SCRAM-SHA-256', 'ann', 'pencil');
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    fc
      .string({ unit: fc.constantFrom(...'n,yap=mrc2CDx/+ \u00AD\uD800'), maxLength: 60 })
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(message, message, (first, final) => {
      assert.ok(['deny', 'continue'].includes(new ScramExchange(users).next(first).answer));
      const exchange = new ScramExchange(users);
      exchange.next(client.first());
      assert.deepEqual(exchange.next(final), DENY);
    }),
  );
});

test('who is not there is answered like a user, always with the same salt, and no proof fits', async () => {
  const ask = (name: string, among = users) => {
    const serverFirst = challenge(new ScramExchange(among).next(Buffer.from(`n,,n=${name},r=abc`)));
    const [, salt = '', iterations] = /,s=(.*),i=(\d+)$/.exec(serverFirst.toString()) ?? [];
    return { salt: Buffer.from(salt, 'base64'), iterations };
  };
  const nobody = ask('bob');
  assert.deepEqual(ask('bob'), nobody);
  assert.notDeepEqual(ask('eve').salt, nobody.salt);
  assert.equal(nobody.salt.length, ask('ann').salt.length);
  assert.equal(nobody.iterations, ask('ann').iterations);
  assert.notDeepEqual(ask('bob', new ScramUsers('SCRAM-SHA-256', [await user('ann', 'pencil')])), nobody);
  assert.equal(ask('bob', new ScramUsers('SCRAM-SHA-256', [])).salt.length, 16);
  assert.deepEqual(await login(new ScramClient('SCRAM-SHA-256', 'bob', 'pencil')), DENY);
});

test('who is not there looks like one of the users', async () => {
  const salt = Buffer.alloc(12, 1);
  const credentials = await scramCredentials('SCRAM-SHA-256', 'pencil', 5000, salt);
  const few = new ScramUsers('SCRAM-SHA-256', [{ username: 'ann', isSuperuser: true, credentials }]);
  const { username, isSuperuser, credentials: madeUp } = few.find('bob');
  assert.deepEqual([username, isSuperuser, madeUp.iterations, madeUp.salt.length], ['bob', false, 5000, 12]);
  assert.deepEqual([madeUp.storedKey.length, madeUp.serverKey.length], [32, 32]);
});
