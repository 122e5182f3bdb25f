import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayConnect, originError, plainOrigin } from './origins.js';

test('where only this machine comes in, only its own pages do, unless others are listed', () => {
  const own = [
    'http://localhost',
    'http://localhost:3000',
    'https://app.localhost',
    'http://127.0.0.1:8080',
    'http://127.8.8.8',
    'http://[::1]:8080',
    'capacitor://localhost',
  ];
  const foreign = [
    'http://evil.example',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'http://192.0.2.1',
    'http://[2001:db8::1]',
    'file://',
    'null',
    '',
    'localhost',
  ];
  for (const origin of own) assert.equal(mayConnect(origin, undefined, true), true, origin);
  for (const origin of foreign) {
    assert.equal(mayConnect(origin, undefined, true), false, origin);
    assert.equal(mayConnect(origin, undefined, false), true, origin);
    assert.equal(mayConnect(origin, ['*'], true), true, origin);
  }
  for (const allowed of [undefined, [], ['https://app.example']]) {
    assert.equal(mayConnect(undefined, allowed, true), true, 'who is no browser may always');
  }
});

test('those that are listed, and no others, wherever the listener is', () => {
  const allowed = ['HTTPS://App.Example:443', 'http://10.0.0.1:8080', 'Capacitor://App', 'null'].map(
    plainOrigin,
  );
  for (const loopback of [true, false]) {
    for (const origin of ['https://app.example', 'http://10.0.0.1:8080', 'capacitor://app', 'null']) {
      assert.equal(mayConnect(origin, allowed, loopback), true, origin);
    }
    for (const origin of [
      'http://app.example',
      'https://app.example:8443',
      'http://localhost',
      'http://10.0.0.1',
    ]) {
      assert.equal(mayConnect(origin, allowed, loopback), false, origin);
    }
    assert.equal(mayConnect('http://localhost', [], loopback), false);
  }
});

test('an origin has a scheme and a host, and no more than a port behind it', () => {
  for (const text of ['*', 'null', 'https://app.example', 'http://[::1]:80', 'vscode-webview://id']) {
    assert.equal(originError(text), undefined, text);
  }
  for (const text of [
    '',
    'app.example',
    'https://app.example/',
    'https://*:99999',
    'https://u@app.example',
    '**',
  ]) {
    assert.match(originError(text) ?? '', /is no origin such as/, text);
  }
});
