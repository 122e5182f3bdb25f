import type { Command } from 'commander';
import { callOf, visibleCommands } from './command-reference.js';

/** What may stand behind some words of a command line. */
interface Place {
  /** The command that the words name: `portico clients list`. */
  readonly call: string;
  /** Ways to write it from the command above; none for the outermost. */
  readonly names: readonly string[];
  readonly candidates: readonly Candidate[];
  /** What may stand behind an option, by each of its flags; nothing where it may be anything. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** Shells for which there is completion. */
export type Shell = keyof typeof SCRIPTS;

/**
 * The script that makes a shell complete what commands know.
 * @param commands with all that is below them; of two that are called the same the later one counts
 */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const places = commands.flatMap(placesOf).map((place) => [place.call, place] as const);
  return SCRIPTS[shell]([...new Map(places).values()]);
}

function placesOf(command: Command): Place[] {
  const below = visibleCommands(command);
  return [placeOf(command, below), ...below.flatMap(placesOf)];
}

function placeOf(command: Command, below: readonly Command[]): Place {
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  const options = command.createHelp().visibleOptions(command);
  return {
    call: callOf(command),
    names: [command.name(), ...command.aliases()],
    candidates: [
      ...below.map((each) => ({ word: each.name(), description: each.description() })),
      ...choices.map((word) => ({ word, description: '' })),
      ...options.map(({ long, description }) => ({ word: long ?? '', description })),
    ],
    values: new Map(
      options
        .filter(({ required }) => required)
        .flatMap(({ short, long, argChoices = [] }) =>
          [short, long].filter((flag) => flag !== undefined).map((flag) => [flag, argChoices] as const),
        ),
    ),
  };
}

const SCRIPTS = { bash: bashScript, zsh: zshScript };

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Goes from place to place with the words; those that name no command are arguments and options. */
function steps(places: readonly Place[]): string {
  return places
    .filter(({ call }) => call.includes(' '))
    .map(({ call, names }) => {
      const above = call.slice(0, call.lastIndexOf(' '));
      const words = names.map((name) => quoted(`${above} ${name.slice(name.lastIndexOf(' ') + 1)}`));
      return `      ${words.join('|')}) at=${quoted(call)} ;;\n`;
    })
    .join('');
}

/** What stands behind an option that has a value. @param complete makes a command of the shell of the words */
function valueCases(places: readonly Place[], complete: (words: readonly string[]) => string): string {
  return places
    .flatMap(({ call, values }) =>
      [...values].map(([flag, words]) => `    ${quoted(`${call} ${flag}`)}) ${complete(words)}; return ;;\n`),
    )
    .join('');
}

function bashScript(places: readonly Place[]): string {
  const reply = (words: readonly string[]) =>
    `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$current"))`;
  const cases = places.map(
    ({ call, candidates }) => `    ${quoted(call)}) ${reply(candidates.map(({ word }) => word))} ;;\n`,
  );
  return `# Completion of portico for bash: source <(portico completion bash)
_portico() {
  local current=\${COMP_WORDS[COMP_CWORD]} at=portico i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
${steps(places)}    esac
  done
  case "$at \${COMP_WORDS[COMP_CWORD - 1]}" in
${valueCases(places, (words) => (words.length === 0 ? ':' : reply(words)))}  esac
  case "$at" in
${cases.join('')}  esac
}
complete -o default -F _portico portico
`;
}

function zshScript(places: readonly Place[]): string {
  const described = ({ word, description }: Candidate) =>
    quoted(description === '' ? word : `${word}:${description}`);
  const cases = places.map(
    ({ call, candidates }) => `    ${quoted(call)}) candidates=(${candidates.map(described).join(' ')}) ;;\n`,
  );
  return `#compdef portico
# Completion of portico for zsh: source <(portico completion zsh), behind compinit
_portico() {
  local at=portico word
  local -a candidates
  for word in "\${(@)words[2,CURRENT - 1]}"; do
    case "$at $word" in
${steps(places)}    esac
  done
  case "$at $words[CURRENT - 1]" in
${valueCases(places, (words) => (words.length === 0 ? '_files' : `compadd -- ${words.map(quoted).join(' ')}`))}  esac
  case "$at" in
${cases.join('')}  esac
  _describe portico candidates || _files
}
compdef _portico portico
`;
}
