import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatProblem, loadConfig, type SchemaNode, schemaTree } from '@portico/core';
import { z } from 'zod';
import { configSchema, type PorticoConfig } from './config-schema.js';
import { generatedFiles } from './generated-files.js';
import { inRoot } from './paths.js';
import { createProgram } from './program.js';

function read(path: string): string {
  return readFileSync(inRoot(path), 'utf8');
}

/** The checked configuration; fails with all problems. */
function load(text: string, file: string): PorticoConfig {
  const result = loadConfig({ schema: configSchema, file, text });
  assert.ok(result.ok, result.ok ? '' : result.problems.map(formatProblem).join('\n'));
  assert.deepEqual(result.warnings, []);
  return result.config;
}

/** Takes the # from keys that are switched off: prose has a space behind it. */
function switchedOn(text: string): string {
  return text.replaceAll(/^( *)#(?! \S|$)/gm, '$1');
}

const SHIPPED = 'config/portico.yaml';

test('the shipped configuration says what holds without it', () => {
  assert.deepEqual(load(read(SHIPPED), SHIPPED), load('', 'defaults'));
});

test('what is switched off in the shipped configuration may be switched on', () => {
  const text = switchedOn(read(SHIPPED));
  assert.notEqual(text, read(SHIPPED));
  load(text, SHIPPED);
});

type Section = Readonly<Record<string, unknown>>;

/**
 * Finds the keys of a schema that stand nowhere in a configuration. Those of listeners need to stand at one, and
 * so do those that a gateway has in place of keys elsewhere: they have no default. Those of zones are the
 * gateways'.
 */
class MissingKeys {
  readonly #missing: string[] = [];
  readonly #gateways: readonly Section[];
  readonly #listeners: readonly Section[];

  constructor(configuration: Section) {
    this.#gateways = sectionsIn([configuration.gateways].flatMap(valuesOf));
    this.#listeners = sectionsIn(
      this.#gateways.flatMap((gateway) => valuesOf(gateway.listeners)).flatMap(valuesOf),
    );
  }

  /** @param open the places around this one, for schemas that contain themselves */
  look(
    node: SchemaNode,
    samples: readonly unknown[],
    path: string,
    open: readonly SchemaNode[],
  ): readonly string[] {
    if (open.includes(node)) return this.#missing;
    const within = [...open, node];
    const { items, additionalProperties: entry, properties = {} } = node;
    const sections = sectionsIn(samples);
    for (const form of node.anyOf ?? node.oneOf ?? []) this.look(form, samples, path, within);
    if (items !== undefined) this.look(items, samples.flat(), `${path}[]`, within);
    if (typeof entry === 'object') this.look(entry, this.#entries(path, sections), `${path}.*`, within);
    for (const [key, child] of Object.entries(properties)) {
      const isElsewhere = /^\.gateways\.\w+$/.test(path) && child.default === undefined;
      const places = isElsewhere ? this.#gateways : sections;
      const found = places.filter((section) => Object.hasOwn(section, key)).map((section) => section[key]);
      if (found.length > 0) this.look(child, found, `${path}.${key}`, within);
      else this.#missing.push(`${path}.${key}`);
    }
    return this.#missing;
  }

  /** What stands below names of the operator's choice. */
  #entries(path: string, sections: readonly Section[]): readonly unknown[] {
    if (path.includes('.listeners.')) return this.#listeners;
    return path.endsWith('.zones') ? this.#gateways : sections.flatMap(valuesOf);
  }
}

function sectionsIn(values: readonly unknown[]): Section[] {
  return values.filter(
    (value): value is Section => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
}

function valuesOf(value: unknown): unknown[] {
  return Object.values(value ?? {});
}

test('every key there is stands in the shipped configuration', () => {
  const anything = z.record(z.string(), z.unknown());
  const written = loadConfig({ schema: anything, text: switchedOn(read(SHIPPED)) });
  assert.ok(written.ok);
  const missing = new MissingKeys(written.config).look(schemaTree(configSchema), [written.config], '', []);
  assert.deepEqual(missing, []);
});

test('the examples are good configurations', () => {
  const examples = readdirSync(inRoot('config', 'examples'));
  assert.notEqual(examples.length, 0);
  for (const name of examples) load(read(`config/examples/${name}`), name);
});

test('so are those of the documentation, each of which is a piece of one', () => {
  const folders = ['docs', ...readdirSync(inRoot('gateways')).map((name) => `gateways/${name}`)];
  const pages = folders.flatMap((folder) => readdirSync(inRoot(folder)).map((file) => `${folder}/${file}`));
  const sections = Object.keys(schemaTree(configSchema).properties ?? {});
  let found = 0;
  for (const page of pages.filter((path) => path.endsWith('.md'))) {
    for (const [, yaml = ''] of read(page).matchAll(/^```yaml\n([^`]*)^```/gm)) {
      if (!sections.some((section) => yaml.startsWith(`${section}:`))) continue;
      load(yaml, page);
      found++;
    }
  }
  assert.ok(found > 5, `${found} found`);
});

test('configurations name their schema, so that editors know it', () => {
  assert.ok(read(SHIPPED).startsWith('# yaml-language-server: $schema=./portico.schema.json\n'));
  for (const name of readdirSync(inRoot('config', 'examples'))) {
    const text = read(`config/examples/${name}`);
    assert.ok(text.startsWith('# yaml-language-server: $schema=../portico.schema.json\n'), name);
  }
});

/** Every place of the schema at which a number, or a text with a unit, may be written. */
function* quantities(
  node: SchemaNode,
  path: string,
  seen = new Set<SchemaNode>(),
): Generator<[string, SchemaNode]> {
  if (seen.has(node)) return;
  seen.add(node);
  const isUnit = /^(?:duration|size)\b/.test(node.title ?? '');
  const isCount = (node.type === 'integer' || node.type === 'number') && node.enum === undefined;
  if (isUnit || isCount) yield [path, node];
  if (node.title !== undefined) return;
  for (const [key, child] of Object.entries(node.properties ?? {}))
    yield* quantities(child, `${path}.${key}`, seen);
  for (const form of node.anyOf ?? []) yield* quantities(form, path, seen);
  if (node.items !== undefined) yield* quantities(node.items, `${path}[]`, seen);
  const { additionalProperties: entry } = node;
  if (typeof entry === 'object') yield* quantities(entry, `${path}.<id>`, seen);
}

test('every duration, size and count has bounds, which the documentation shows', () => {
  const found = [...quantities(schemaTree(configSchema), '')];
  assert.ok(found.length > 50, `${found.length} found`);
  for (const [path, { title, minimum, exclusiveMinimum, maximum = Number.MAX_SAFE_INTEGER }] of found) {
    if (title !== undefined) assert.match(title, / from \S+ to \S+/, path);
    else {
      assert.ok((minimum ?? exclusiveMinimum ?? -1) >= 0, `${path} has no minimum`);
      assert.ok(maximum <= 1e9, `${path} has no maximum`);
    }
  }
});

test('files made from the schema and the commands are up to date (else: bin/portico generate)', () => {
  for (const { path, text } of generatedFiles(createProgram()))
    assert.ok(read(path) === text, `${path} is out of date`);
});
