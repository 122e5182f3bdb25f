import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContentFormat } from '@portico/codec-coap';
import { CommandError } from './command-error.js';
import { requestFor } from './testing/parts.js';

const TLV = 'Content-Format=application/vnd.oma.lwm2m+tlv';

test('the alternate path goes before every path', () => {
  const rootPath = ['lwm2m', 'a b'];
  assert.equal(
    requestFor({ msgType: 'read', data: { path: '/3/0/9' } }, { rootPath }),
    'GET /lwm2m/a%20b/3/0/9',
  );
});

test('replacing an instance is a PUT', () => {
  const content = [{ path: '14', type: 'String', value: '+09' }];
  const data = { basePath: '/3/0', mode: 'replace', content };
  assert.equal(requestFor({ msgType: 'write', data }), `PUT /3/0 ${TLV} c30e2b3039`);
});

test('a resource with several instances is written as one', () => {
  const content = [
    { path: '0', value: 1 },
    { path: '1', value: 5 },
  ];
  assert.equal(
    requestFor({ msgType: 'write', data: { basePath: '/3/0/6', content } }),
    `PUT /3/0/6 ${TLV} 8606410001410105`,
  );
});

test('a device that chooses the instance is sent its resources only', () => {
  const content = [{ path: '1', type: 'Integer', value: 300 }];
  assert.equal(
    requestFor({ msgType: 'create', data: { basePath: '/1', content } }),
    `POST /1 ${TLV} c201012c`,
  );
});

test('execute takes arguments as text', () => {
  const execute = (args?: string) => requestFor({ msgType: 'execute', data: { path: '/3/0/4', args } });
  const plain = 'POST /3/0/4 Content-Format=text/plain;charset=utf-8';
  assert.equal(execute("0='a'"), `${plain} 303d276127`);
  assert.equal(execute(), plain);
  assert.equal(execute('undefined'), plain);
});

test('LwM2M 1.0 is read without Accept and written in TLV, whatever the device lists', () => {
  const device = { lwm2m: '1.0', contentFormats: [ContentFormat.SenmlCbor, ContentFormat.Lwm2mJson] };
  assert.equal(requestFor({ msgType: 'read', data: { path: '/3/0' } }, device), 'GET /3/0');
  const data = { path: '/3/0/9', type: 'Integer', value: 1 };
  assert.equal(requestFor({ msgType: 'write', data }, device), `PUT /3/0/9 ${TLV} c10901`);
});

test('LwM2M 1.0 has no composite operations', () => {
  for (const msgType of ['read-composite', 'observe-composite', 'cancel-observe-composite']) {
    assert.throws(
      () => requestFor({ msgType, data: { paths: ['/3/0/9'] } }, { lwm2m: '1.0' }),
      (error) => error instanceof CommandError && error.unsupported,
    );
  }
});

test('a device that lists a single format for a value alone gets that', () => {
  const write = (contentFormats: readonly number[], data: object) =>
    requestFor({ msgType: 'write', data }, { contentFormats });
  const text = { path: '/3/0/14', value: '+08' };
  assert.equal(write([0], text), 'PUT /3/0/14 Content-Format=text/plain;charset=utf-8 2b3038');
  assert.equal(
    write([0, 42], { path: '/5/0/0', value: 'AQL/' }),
    'PUT /5/0/0 Content-Format=application/octet-stream 0102ff',
  );
});
