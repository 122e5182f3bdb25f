/**
 * Who may import whom: the order of the rooms (codecs, transports, core, endpoints, gateways, management, simulators, cli), as far as a person could
 * break it by accident. Type-only imports count, but for cycles. Needs a build: packages find one another
 * through their dist/.
 */

/** Tests beside the code, and what they share: `testing.ts` or a folder of that name. */
const FOR_TESTS = '\\.test\\.ts$|/testing(\\.ts$|/)';

/** The rooms that a user gets; test/ and bench/ are ours. */
const SHIPPED = '^(codecs|transports|core|endpoints|gateways|management|simulators|cli)/';

/** Node.js modules that a pure function has no use for: I/O, timers, clocks, processes. */
const IMPURE =
  '^(child_process|cluster|dgram|dns|fs|http|http2|https|inspector|net|perf_hooks|process|readline|repl|timers|tls|tty|worker_threads)(/|$)';

/** `from` and `to` are paths; `why` is shown with each violation. */
function forbid(name, why, from, to) {
  return { name, severity: 'error', comment: why, from, to };
}

module.exports = {
  forbidden: [
    forbid(
      'no-cycle',
      'These files load one another. (Two classes that only name each other’s type are no cycle.)',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),

    forbid(
      'codec-is-alone',
      'A codec imports nothing of the project but what codecs share: @portico/frame, CBOR and @portico/record.',
      { path: '^codecs/([^/]+)/' },
      {
        path: '^(codecs|transports|core|endpoints|gateways|management|simulators|cli|test|bench)/',
        pathNot: '^codecs/($1|frame|cbor|record)/',
      },
    ),
    forbid(
      'transport-is-alone',
      'A transport imports @portico/frame and nothing else of the project.',
      { path: '^transports/([^/]+)/' },
      {
        path: '^(codecs|transports|core|endpoints|gateways|management|simulators|cli|test|bench)/',
        pathNot: '^transports/$1/|^codecs/frame/',
      },
    ),
    forbid(
      'codecs-and-transports-are-pure',
      'They do no I/O; timers and a clock a transport is given.',
      { path: '^(codecs|transports)/', pathNot: FOR_TESTS },
      { dependencyTypes: ['core'], path: IMPURE },
    ),
    forbid(
      'core-is-alone',
      'The core knows no protocol of a gateway: it imports nothing of the project but itself and transports.',
      { path: '^core/' },
      { path: '^(codecs|endpoints|gateways|management|simulators|cli|test|bench)/' },
    ),
    forbid(
      'gateway-knows-core-and-its-codec',
      'A gateway imports the core, the codec of its own protocol, and those that all share: @portico/frame and CBOR.',
      { path: '^gateways/([^/]+)/', pathNot: '^gateways/(mqttsn|coap|lwm2m)/' },
      {
        path: '^(codecs|endpoints|gateways|management|simulators|cli|test|bench)/',
        pathNot: '^gateways/$1/|^codecs/($1|frame|cbor)/',
      },
    ),
    forbid(
      'gateway-knows-core-and-its-codec',
      'Gateways have the names of their keys in the configuration, codecs those of their protocols.',
      { path: '^gateways/mqttsn/' },
      {
        path: '^(codecs|endpoints|gateways|management|simulators|cli|test|bench)/',
        pathNot: '^gateways/mqttsn/|^codecs/(mqtt-sn|frame)/',
      },
    ),
    forbid(
      'gateway-knows-core-and-its-codec',
      'Those over CoAP share its endpoint, and CBOR.',
      { path: '^gateways/(coap|lwm2m)/' },
      {
        path: '^(codecs|endpoints|gateways|management|simulators|cli|test|bench)/',
        pathNot: '^gateways/$1/|^codecs/($1|coap|frame|cbor)/|^endpoints/coap/',
      },
    ),
    forbid(
      'endpoint-knows-core-and-its-codec',
      'An endpoint is what several gateways are built on: it imports the core and the codec of its protocol.',
      { path: '^endpoints/([^/]+)/' },
      {
        path: '^(codecs|endpoints|gateways|management|simulators|cli|test|bench)/',
        pathNot: '^endpoints/$1/|^codecs/($1|frame)/',
      },
    ),
    forbid(
      'management-knows-core',
      'The API shows what the core has, whatever gateways there are.',
      { path: '^management/' },
      { path: '^(codecs|endpoints|gateways|simulators|cli|test|bench)/' },
    ),
    forbid(
      'simulators-know-codecs',
      'Simulated devices take codecs, and of the core its clock and timers; they know no gateway.',
      { path: '^simulators/' },
      { path: '^(endpoints|gateways|management|cli|test|bench)/' },
    ),
    forbid(
      'cli-takes-products',
      'The command line builds on what is shipped.',
      { path: '^cli/' },
      { path: '^(test|bench)/' },
    ),

    forbid(
      'by-the-front-door',
      'Import another package by its name: its index is what it offers, base, access and explainer what commands need of it, and testing/ to tests.',
      {
        path: '^((?:codecs|transports|endpoints|gateways)/[^/]+|core|management|simulators|cli|test|bench)/',
      },
      {
        path: '^(codecs/[^/]+|transports/[^/]+|endpoints/[^/]+|gateways/[^/]+|core|management|simulators|cli|test|bench)/',
        pathNot:
          '^$1/|/dist/(testing/)?index\\.(d\\.ts|js)$|^(core/dist/base|management/dist/local-access|gateways/[^/]+/dist/explainer)\\.(d\\.ts|js)$',
      },
    ),
    forbid(
      'ship-what-you-import',
      'Shipped code imports only what its own package.json lists under dependencies.',
      { path: SHIPPED, pathNot: FOR_TESTS },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    ),
    forbid(
      'tests-are-leaves',
      'Shipped code imports no test and nothing made for tests.',
      { path: SHIPPED, pathNot: FOR_TESTS },
      { path: FOR_TESTS },
    ),
    forbid(
      'resolvable',
      'The import leads nowhere (has the tree been built?).',
      {},
      { couldNotResolve: true },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules|/dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
};
