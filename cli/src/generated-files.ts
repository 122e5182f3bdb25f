import { configReference, jsonSchema, schemaTree } from '@portico/core';
import type { Command } from 'commander';
import { changeEffect } from './change-effects.js';
import { commandReference } from './command-reference.js';
import { configSchema, RESERVED_KEYS } from './config-schema.js';

/** A file of the repository that is made from the configuration's schema, or from what the command can do. */
export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Files that change with the schema and the commands; `portico generate` writes them. @param program all commands */
export function generatedFiles(program: Command): readonly GeneratedFile[] {
  return [
    { path: 'config/portico.schema.json', text: editorSchema() },
    { path: 'docs/configuration.md', text: referencePage() },
    { path: 'docs/cli.md', text: `${COMMANDS}\n${commandReference(program)}` },
  ];
}

/** JSON Schema with which an editor completes and checks a configuration. */
function editorSchema(): string {
  return `${JSON.stringify({ title: 'Configuration of Portico', ...jsonSchema(configSchema) }, undefined, 2)}\n`;
}

function referencePage(): string {
  const reserved = RESERVED_KEYS.map((key) => `- \`${key}\``).join('\n');
  return `${INTRODUCTION}\n${configReference(schemaTree(configSchema), changeEffect)}\n${RESERVED}\n\n${reserved}\n`;
}

const INTRODUCTION = `# Configuration

<!-- Made by \`bin/portico generate\` from the schema. Change the descriptions there. -->

Portico reads one YAML file: the one given with \`-c\`, else \`config/portico.yaml\`, where every key stands with
its default. A key that is left out has its default. What is wrong is said with file, line and column, all at
once; \`bin/portico check-config\` says it without starting anything, and reads the files that the configuration
names too: access rules, pre-shared keys, certificates, private keys, authorities, revocation lists.

**Environment.** Every key can be set by a variable, which wins over the file: \`PORTICO_\` and the path in
capitals, levels joined by two underscores. \`PORTICO_LOG__LEVEL=debug\` sets \`log.level\`,
\`PORTICO_GATEWAYS__MQTT__LISTENERS__TCP__DEFAULT__BIND=0.0.0.0:1883\` the address of a listener. Lists and
sections are written as in YAML: \`PORTICO_ACCESS__USERS='[{ username: ada, password: secret }]'\`.

**Values.** A duration is a number with a unit, or several of them: \`500ms\`, \`15s\`, \`5m\`, \`1h30m\`, \`1d\`, \`1w\`.
A size is a number of bytes, or one with a unit: \`512\`, \`64KB\`, \`1MB\`, \`2GB\` (powers of 1024). A rate is an
amount and the time in which it may be used up, at most a day, such as \`100KB,10s\`: so much at once, and again
after that time.

**Changes** of most keys are taken on while Portico runs, by \`portico config set\`, or \`portico config reload\` after the file
was edited: [runtime-configuration.md](runtime-configuration.md). The last column says when they hold:

| applies | |
| --- | --- |
| at once | for everybody; connections stay |
| new connections | for those made afterwards; those that there are stay, as they are |
| listener restarts | at once; the connections of this listener end |
| gateway restarts | at once; the connections of this gateway end |
| restart | when Portico is started again |

**Editors** that know YAML schemas complete and check the file when it begins with
\`# yaml-language-server: $schema=./portico.schema.json\`.
`;

const RESERVED = `## Not part of this version

These keys are accepted, ignored, and named in a warning at the start:`;

const COMMANDS = `# Commands

<!-- Made by \`bin/portico generate\` from the commands. Change the descriptions there. -->

\`portico\` is \`bin/portico\` of the installation. \`--help\` behind any command shows what stands here. Completion of
commands and options by the Tab key: \`source <(portico completion bash)\` in \`~/.bashrc\`, or with \`zsh\` in \`~/.zshrc\`.

**Which hub.** A command that asks a hub that runs finds it as \`portico start\` finds its configuration: \`-c\`, else
\`config/portico.yaml\`, and the environment. \`--url\`, \`--app\` and \`--secret\` say where another one is, and as whom
to ask it: [management.md](management.md#commands).

**Output** is for people; with \`--json\` it is JSON with all fields, for programs. What goes wrong is told on standard error.
Where a device has written what is shown, control characters stand as \`\\x1b\`, and bytes that are no text as \`0x\` and hex
digits.

**Watching messages.** \`portico subscribe\` is a client of MQTT 5 on the hub's own listener, the first open \`mqtt:tcp\` one
that can be reached, and takes messages with QoS 0. So it sees what access rules let it see, below the mountpoint of that
listener, and counts as a client: \`portico-subscribe-…\`. What is not read while 1 MiB waits is missed, and told of.

**Exit codes** are the same for all:

| code | when                                                                           |
| ---- | ------------------------------------------------------------------------------ |
| 0    | it is done                                                                     |
| 1    | it is not: the hub refuses, there is no such thing, the configuration is wrong |
| 2    | the command is wrong as it was written: no such command, option or value       |
| 3    | no hub could be asked: none runs there, or it does not let the command in      |

What is done, but not all that one might think, is told on standard error: \`warning: …\`.
`;
