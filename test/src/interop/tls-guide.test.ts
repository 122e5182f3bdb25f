import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.js';
import { cleanEnvironment, Portico } from '../support/portico.js';

/** Runs what docs/tls.md tells its readers to run. */

const GUIDE = readFileSync(new URL('../../../docs/tls.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'portico-guide-'));
let portico: Portico | undefined;

/** The contents of the code blocks in that language. */
function blocks(language: string): string[] {
  return [...GUIDE.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
    .filter(([, name]) => name === language)
    .map(([, , text]) => text ?? '');
}

/** Commands with the port need a hub; those without make files. */
const PORT = '8883';

function shell(script: string): void {
  const options = { cwd: folder, env: cleanEnvironment(), encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync('bash', ['-ec', script], options);
  assert.equal(status, 0, `${script}\n${stdout}${stderr}`);
}

before(async () => {
  const making = blocks('sh').filter((script) => !script.includes(PORT));
  assert.ok(making.length >= 4);
  for (const script of making) shell(script);
  const [config = ''] = blocks('yaml');
  const here = config
    .replace('127.0.0.1:8883', '127.0.0.1:0')
    .replaceAll(/\b(psk\.txt|(?:server|ca)\.(?:pem|key|crl))\b/g, (name) => join(folder, name));
  portico = await Portico.start({ config: here });
});

after(async () => {
  await portico?.stop();
  rmSync(folder, { recursive: true });
});

test('every command of the guide does what it says', async () => {
  const port = String(portico?.port('mqtt:tls:default'));
  const trying = blocks('sh').filter((script) => script.includes(PORT));
  assert.ok(trying.length >= 4);
  for (const script of trying) {
    for (const command of commandsOf(script)) shell(command.replaceAll(PORT, port));
  }
  for (const reason of [/CERT_REVOKED/, /identity is \\?"meter-1/, /client refused.*not_authorized/]) {
    await eventually(`the log says ${reason}`, () => reason.test(portico?.output ?? ''));
  }
});

/** One at a time: `bash -e` lets pass what fails behind a `!`. */
function commandsOf(script: string): string[] {
  return script.replaceAll('\\\n', ' ').trim().split('\n');
}
