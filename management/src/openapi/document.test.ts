import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { endpointsOf } from '../api.js';
import { TestApi } from '../testing/index.js';
import { openApiDocument } from './document.js';

const ENDPOINTS = endpointsOf({ gateways: new Map() });
const document = openApiDocument(ENDPOINTS, '1.2.3');

test('every endpoint is described once, under its name', () => {
  const ids = Object.values(document.paths)
    .flatMap((operations) => Object.values(operations))
    .map(({ operationId }) => operationId);
  assert.deepEqual(ids.toSorted(), ENDPOINTS.map(({ name }) => name).toSorted());
  assert.equal(new Set(ids).size, ids.length);
});

test('parameters of paths, queries and bodies are as their schemas have them', () => {
  const keepalive = document.paths['/clients/{clientid}/keepalive']?.put;
  assert.deepEqual(
    keepalive?.parameters.map(({ name, in: place, required }) => [name, place, required]),
    [
      ['clientid', 'path', true],
      ['interval', 'query', false],
    ],
  );
  assert.equal(keepalive?.requestBody?.required, false);
  const ban = document.paths['/banned']?.post?.requestBody;
  assert.equal(ban?.required, true);
  assert.deepEqual(ban?.content['application/json']?.schema.required, ['who', 'as']);
  const state = document.paths['/clients']?.get?.parameters.find(({ name }) => name === 'conn_state');
  assert.deepEqual(state?.schema, { type: 'string', enum: ['connected', 'idle', 'disconnected'] });
});

test('what is named in the path of a node is about the same as without', () => {
  assert.deepEqual(document.paths['/nodes/{node}/clients']?.get?.tags, ['clients']);
  assert.deepEqual(document.paths['/node/{node}/acl-cache']?.delete?.tags, ['acl-cache']);
  assert.deepEqual(document.paths['/nodes/{node}']?.get?.tags, ['nodes']);
  assert.deepEqual(document.paths['/']?.get?.tags, ['api']);
});

test('every reference leads somewhere', () => {
  const references = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g);
  for (const [, path = ''] of references) {
    const target = path
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
    assert.notEqual(target, undefined, path);
  }
});

test('the document and the page are served without credentials, and need nothing from elsewhere', async () => {
  const api = await TestApi.start();
  const served = await api.fetch('/api-docs/openapi.json');
  assert.deepEqual(await served.json(), JSON.parse(JSON.stringify(document)));
  const page = await api.fetch('/api-docs');
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  const html = await page.text();
  for (const { name } of ENDPOINTS) assert.ok(html.includes(`<details id="${name}">`), name);
  assert.doesNotMatch(html, /https?:|<script|<img|<link/);
});

test('the document is OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  assert.deepEqual([valid, errors], [true, undefined]);
});
