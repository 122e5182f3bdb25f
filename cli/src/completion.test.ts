import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { printCompletion } from './commands/completion.js';
import { createProgram } from './program.js';

function scriptFor(shell: 'bash' | 'zsh'): string {
  let script = '';
  printCompletion(shell, createProgram(), { write: (text) => (script += text) });
  return script;
}

/** What a real bash offers behind these words; the last one has been begun. */
function offered(...words: readonly string[]): readonly string[] {
  const ask = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _portico; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync(
    'bash',
    ['-c', `${scriptFor('bash')}\n${ask}`, 'bash', 'portico', ...words],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(stderr, '');
  return stdout.split('\n').filter((line) => line !== '');
}

test('bash completes commands, and those below them', () => {
  assert.deepEqual(offered('cl'), ['clients']);
  assert.deepEqual(offered('clients', ''), ['list', 'show', 'kick', '--help']);
  assert.deepEqual(offered('acl', 'cache-clean', 'a'), ['all']);
  assert.deepEqual(offered('simulate', 'jt'), ['jt808']);
});

test('bash completes options, what may stand behind them, and arguments that are a choice', () => {
  assert.deepEqual(offered('clients', 'list', '--ga'), ['--gateway']);
  assert.deepEqual(offered('clients', 'list', '--json', '--state', 'a'), ['active', 'asleep', 'awake']);
  assert.deepEqual(offered('log', 'level', 'w'), ['warn']);
  assert.deepEqual(offered('log', 'set-level', 'w'), ['warn']);
  assert.deepEqual(offered('vm', 'p'), ['process', 'ports']);
  assert.deepEqual(offered('pem_cache', 'clean', 'n'), ['node']);
  assert.deepEqual(offered('log', 'handlers', 's'), ['start', 'stop', 'set-level']);
  assert.deepEqual(offered('log', 'handlers', 'set-level', 'file', 'w'), ['warn']);
  assert.ok(offered('simulate', 'jt808', '--').length > 5);
});

test('bash offers nothing of its own where anything may stand, so that files are completed', () => {
  assert.deepEqual(offered('status', '--config', ''), []);
  assert.deepEqual(offered('status', '-c', ''), []);
});

test('zsh is told the descriptions too', () => {
  const script = scriptFor('zsh');
  assert.match(script, /^#compdef portico\n/);
  assert.ok(script.includes("'kick:end the connection and the session of a client'"));
  assert.ok(script.includes("'portico clients list --state') compadd -- 'connected' 'disconnected'"));
});
