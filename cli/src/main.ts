/** What `bin/portico` runs: before anything else is loaded, a SIGHUP must not end a Portico that starts. */

if (process.argv[2] === 'start') process.on('SIGHUP', () => {});

await import('./program.js');
