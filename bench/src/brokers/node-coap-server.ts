/** node-coap on the port given as the argument: answers every request with 2.04. */

import { createServer } from 'coap';

createServer((_request, response) => {
  response.code = '2.04';
  response.end();
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
