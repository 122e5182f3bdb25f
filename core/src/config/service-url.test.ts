import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceTarget, withoutPassword } from './service-url.js';

function basic(credentials: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

test('name and password of a URL are for HTTP Basic, and no part of what is asked for', () => {
  const cases: [string, string, object][] = [
    ['http://127.0.0.1:9091', 'http://127.0.0.1:9091', {}],
    ['http://ada:secret@host:9091/base', 'http://host:9091/base', basic('ada:secret')],
    ['https://ada@host/', 'https://host/', basic('ada:')],
    ['http://a%40b:p%3Aq@host/', 'http://host/', basic('a@b:p:q')],
    ['http://a:100%@host/', 'http://host/', basic('a:100%')],
  ];
  for (const [given, url, headers] of cases) assert.deepEqual(serviceTarget(given), { url, headers });
});

test('a URL is shown without its password', () => {
  const cases: [string, string][] = [
    ['http://ada:secret@host/a:b@c', 'http://ada:***@host/a:b@c'],
    ['http://:secret@host', 'http://:***@host'],
    ['https://ada:a@b@host', 'https://ada:***@host'],
    ['http://host:80/a:b@c', 'http://host:80/a:b@c'],
    ['not a:b@c', 'not a:b@c'],
  ];
  for (const [text, shown] of cases) assert.equal(withoutPassword(text), shown);
});
