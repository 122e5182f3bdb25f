import { Command } from 'commander';
import { endAsCommander } from './exit-codes.js';
import { addApplicationCommands } from './groups/applications.js';
import { addClientCommands } from './groups/clients.js';
import { addInstallationCommands } from './groups/installation.js';
import { addMessageCommands } from './groups/messages.js';
import { addModuleCommands } from './groups/modules.js';
import { addStatusCommands } from './groups/status.js';
import { addTraceCommands } from './groups/trace.js';
import { version } from './version.js';

/**
 * The `portico` command with all that it knows: `groups/` says what is typed, `commands/` does it and is loaded only then.
 * Help, `docs/cli.md` and completion are made from this.
 */
export function createProgram(): Command {
  const program = new Command('portico')
    .description('IoT protocol gateway hub')
    .version(version(), '-V, --version', 'print the version')
    .helpCommand('help [command]', 'show what a command does')
    .enablePositionalOptions()
    .showHelpAfterError('Try portico --help')
    .exitOverride(endAsCommander);
  addInstallationCommands(program.commandsGroup('Installation:'));
  addStatusCommands(program.commandsGroup('A hub that runs:'));
  addTraceCommands(program);
  addClientCommands(program.commandsGroup('Clients of a hub that runs:'));
  addMessageCommands(program.commandsGroup('Messages of a hub that runs:'));
  addModuleCommands(program.commandsGroup('What a hub that runs is made of:'));
  addApplicationCommands(program.commandsGroup('What a hub that runs was told:'));
  // The commands have taken over the advice above.
  return program.showHelpAfterError(
    'Try portico --help; options come behind the command: portico clients list --json',
  );
}
