import type { Argument, Command, Option } from 'commander';
import { HUB_OPTIONS } from './groups/options.js';

/** What commands there are, with their arguments and options, as a page in Markdown without its first heading. */
export function commandReference(program: Command): string {
  const sections = new Map<string, string[]>();
  for (const command of visibleCommands(program)) {
    const heading = command.helpGroup().replace(/:$/, '');
    const lines = sections.get(heading) ?? [];
    sections.set(heading, [...lines, ...described(command)]);
  }
  return [...sections].map(([heading, lines]) => `## ${heading}\n\n${lines.join('\n')}\n`).join('\n');
}

/** Commands below this one, without those for developers and `help`. */
export function visibleCommands(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
}

/** A command as it is called: `portico clients list`. */
export function callOf(command: Command): string {
  return command.parent === null ? command.name() : `${callOf(command.parent)} ${command.name()}`;
}

function described(command: Command): string[] {
  const below = visibleCommands(command);
  return below.length > 0 ? below.flatMap(described) : entry(command);
}

function entry(command: Command): string[] {
  const args = command.registeredArguments;
  const call = [callOf(command), ...args.map(argumentText)].join(' ');
  const others = [...command.aliases(), ...otherCalls(command)].map((words) => `\`${words}\``);
  const also = others.length === 0 ? '' : ` (or ${others.join(', ')})`;
  return [
    `- \`${call}\`${also}: ${command.description()}`,
    ...args.filter(isDescribed).map((each) => `  - \`${argumentText(each)}\`: ${detail(each)}`),
    ...ownOptions(command).map((each) => `  - \`${each.flags}\`: ${detail(each)}`),
  ];
}

/** How a command may be called too, where one above it has another name: `portico pem_cache clean all`. */
function otherCalls(command: Command): readonly string[] {
  const call = byAliases(command);
  const own = `${callOf(command.parent ?? command)} ${command.aliases()[0] ?? command.name()}`;
  return call === own || command.parent === null ? [] : [call];
}

function byAliases(command: Command): string {
  const name = command.aliases()[0] ?? command.name();
  return command.parent === null ? name : `${byAliases(command.parent)} ${name}`;
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function isDescribed({ description, argChoices = [] }: Argument): boolean {
  return description !== '' || argChoices.length > 0;
}

/** Options but those that every command of the API has, and those that are not shown. */
function ownOptions(command: Command): readonly Option[] {
  return command.options.filter(
    ({ helpGroupHeading, hidden }) => helpGroupHeading !== HUB_OPTIONS && !hidden,
  );
}

function detail({ description, argChoices = [], defaultValue }: Argument | Option): string {
  const choices = argChoices.map((choice) => `\`${choice}\``).join(', ');
  const byDefault = defaultValue === undefined ? '' : ` (default: \`${defaultValue}\`)`;
  return [description, choices].filter((text) => text !== '').join(': ') + byDefault;
}
