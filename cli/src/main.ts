/**
 * What `bin/portico` runs: before anything else is loaded, a SIGHUP must not end a Portico that starts. That Node.js itself
 * ends at it before this runs cannot be helped.
 */

if (process.argv[2] === 'start') process.on('SIGHUP', () => {});

const { createProgram } = await import('./program.js');
await createProgram().parseAsync();
