import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CommandError } from './command-error.js';
import {
  eachCommandText,
  MAX_ITEMS,
  readCommand,
  readCommandText,
  requestPathOf,
  textOfCommand,
} from './parse-command.js';
import { parsed, typeOf } from './testing/parts.js';

test('a write without a type takes that of the object definition', () => {
  const { operation } = parsed({ msgType: 'write', data: { path: '/3/0/13', value: '1700000000' } });
  assert.deepEqual(operation, {
    type: 'write',
    path: [3, 0, 13],
    nodes: [{ path: [3, 0, 13], type: 'time', value: 1_700_000_000 }],
    partial: false,
  });
});

test('a write to what no definition tells takes the value for what it is', () => {
  const types = [
    ['x', 'string'],
    [1, 'integer'],
    [1.5, 'float'],
    [true, 'boolean'],
  ] as const;
  for (const [value, type] of types) {
    const { operation } = parsed({ msgType: 'write', data: { path: '/31024/0/1', value } });
    assert.deepEqual(operation.type === 'write' && operation.nodes, [{ path: [31024, 0, 1], type, value }]);
  }
});

test('a batch to an instance updates it, or replaces it when it says so', () => {
  const batch = (mode?: string) => {
    const content = [
      { path: '/6/0', value: 1 },
      { path: '14', value: '+08' },
    ];
    const { operation } = parsed({ msgType: 'write', data: { basePath: '/3/0/', content, mode } });
    return operation.type === 'write' && [operation.partial, operation.nodes.map(({ path }) => path)];
  };
  assert.deepEqual(batch(), [
    true,
    [
      [3, 0, 6, 0],
      [3, 0, 14],
    ],
  ]);
  assert.deepEqual(batch('replace'), [
    false,
    [
      [3, 0, 6, 0],
      [3, 0, 14],
    ],
  ]);
  assert.deepEqual(batch('update'), [
    true,
    [
      [3, 0, 6, 0],
      [3, 0, 14],
    ],
  ]);
});

test('a batch to a resource with several instances replaces it', () => {
  const content = [
    { path: '0', value: 1 },
    { path: '/1', value: 5 },
  ];
  const { operation, reqPath } = parsed({ msgType: 'write', data: { basePath: '3/0/6', content } });
  assert.deepEqual(operation, {
    type: 'write',
    path: [3, 0, 6],
    nodes: [
      { path: [3, 0, 6, 0], type: 'integer', value: 1 },
      { path: [3, 0, 6, 1], type: 'integer', value: 5 },
    ],
    partial: false,
  });
  assert.equal(reqPath, '3/0/6');
});

test('create names the new instance, or leaves it to the device', () => {
  const create = (...paths: string[]) => {
    const content = paths.map((path) => ({ path, type: 'Integer', value: 1 }));
    const { operation } = parsed({ msgType: 'create', data: { basePath: '/1', content } });
    return operation.type === 'create' && [operation.instance, operation.nodes.map(({ path }) => path)];
  };
  assert.deepEqual(create('/9/1', '/9/0'), [
    9,
    [
      [1, 9, 1],
      [1, 9, 0],
    ],
  ]);
  assert.deepEqual(create('/1', '0'), [
    undefined,
    [
      [1, 0, 1],
      [1, 0, 0],
    ],
  ]);
  assert.deepEqual(parsed({ msgType: 'create', data: { basePath: '/1' } }).operation, {
    type: 'create',
    path: [1],
    nodes: [],
    instance: undefined,
  });
});

test('attributes that are null are left out', () => {
  const data = { path: '/3/0/9', pmin: 1, pmax: null, st: '0.5', epmin: 2, con: 1 };
  const { operation } = parsed({ msgType: 'write-attr', data });
  assert.deepEqual(operation, {
    type: 'write-attr',
    path: [3, 0, 9],
    attributes: [
      ['pmin', '1'],
      ['st', '0.5'],
      ['epmin', '2'],
      ['con', '1'],
    ],
  });
});

test('composite operations name several paths', () => {
  assert.deepEqual(parsed({ msgType: 'read-composite', data: { paths: ['/3/0/9', '/1'] } }).operation, {
    type: 'read-composite',
    paths: [[3, 0, 9], [1]],
  });
  const content = [{ path: '/3/0/14', value: '+08' }];
  assert.deepEqual(parsed({ msgType: 'write-composite', data: { content } }).operation, {
    type: 'write-composite',
    nodes: [{ path: [3, 0, 14], type: 'string', value: '+08' }],
  });
});

test('a list of paths is one command for each', () => {
  const text = readCommandText('{"reqID":7,"msgType":"read","data":{"paths":["/3/0/0","/3/0/9"]}}');
  assert.deepEqual(eachCommandText(text).map(textOfCommand), [
    '{"reqID":7,"msgType":"read","data":{"path":"/3/0/0"}}',
    '{"reqID":7,"msgType":"read","data":{"path":"/3/0/9"}}',
  ]);
  const composite = readCommandText('{"msgType":"read-composite","data":{"paths":["/3/0/0","/3/0/9"]}}');
  assert.deepEqual(eachCommandText(composite), [composite]);
});

const REFUSED: readonly (readonly [string, object, RegExp])[] = [
  ['no msgType', {}, /^msgType has to be one of read, discover, write, /],
  ['a msgType that is none', { msgType: 'bogus', data: {} }, /^msgType/],
  ['a msgType that is no text', { msgType: ['read'], data: {} }, /^msgType/],
  ['no data', { msgType: 'read' }, /^data has to be an object/],
  ['data that are no object', { msgType: 'read', data: [] }, /^data has to be an object/],
  ['no path', { msgType: 'read', data: {} }, /^path has to be a path of 1 to 4 ids/],
  ['the root', { msgType: 'read', data: { path: '/' } }, /^path/],
  ['five levels', { msgType: 'read', data: { path: '/1/2/3/4/5' } }, /^path/],
  ['an id that is reserved', { msgType: 'read', data: { path: '/65535' } }, /^path/],
  ['an encoding that is none', { msgType: 'read', encoding: 'utf7', data: { path: '/3' } }, /^encoding/],
  ['discover of a resource instance', { msgType: 'discover', data: { path: '/3/0/6/0' } }, /^path/],
  [
    'execute of an instance',
    { msgType: 'execute', data: { path: '/3/0' } },
    /^path has to be a path of 3 ids/,
  ],
  ['arguments that are no text', { msgType: 'execute', data: { path: '/3/0/5', args: 1 } }, /^args/],
  ['delete of a resource', { msgType: 'delete', data: { path: '/3/0/5' } }, /^a resource cannot/],
  [
    'write without value',
    { msgType: 'write', data: { path: '/3/0/14' } },
    /^there is no value for \/3\/0\/14/,
  ],
  ['write of null', { msgType: 'write', data: { path: '/3/0/14', value: null } }, /^a value of type string/],
  ['a type that is none', { msgType: 'write', data: { path: '/3/0/14', value: 1, type: 'Int' } }, /^type/],
  ['write to what is executed', { msgType: 'write', data: { path: '/3/0/5', value: 1 } }, /to be executed/],
  ['content that is no list', { msgType: 'write', data: { basePath: '/3/0', content: {} } }, /^content/],
  ['content of nothing', { msgType: 'write', data: { basePath: '/3/0', content: [] } }, /^content/],
  ['content of text', { msgType: 'write', data: { basePath: '/3/0', content: ['x'] } }, /^content/],
  [
    'content with five levels',
    { msgType: 'write', data: { basePath: '/3/0', content: [{ path: '/6/0/0', value: 1 }] } },
    /more than four levels/,
  ],
  [
    'a mode that is none',
    { msgType: 'write', data: { basePath: '/3/0', mode: 'x', content: [{ path: '14', value: '' }] } },
    /^mode/,
  ],
  [
    'no attribute',
    { msgType: 'write-attr', data: { path: '/3/0/9', pmin: null } },
    /^data needs one of pmin/,
  ],
  ['an attribute of text', { msgType: 'write-attr', data: { path: '/3/0/9', pmin: 'x' } }, /^pmin/],
  [
    'two new instances',
    {
      msgType: 'create',
      data: {
        basePath: '/1',
        content: [
          { path: '/1/0', value: 1 },
          { path: '/2/0', value: 1 },
        ],
      },
    },
    /of one object instance/,
  ],
  ['create below an instance', { msgType: 'create', data: { basePath: '/1/0', content: [] } }, /^basePath/],
  ['paths that are no list', { msgType: 'read-composite', data: { paths: '/3' } }, /^paths/],
  [
    'too many paths',
    { msgType: 'read-composite', data: { paths: Array.from({ length: MAX_ITEMS + 1 }, () => '/3') } },
    /^paths/,
  ],
  [
    'a composite write of an instance',
    { msgType: 'write-composite', data: { content: [{ path: '/3/0', value: 1 }] } },
    /of resources/,
  ],
];

test('a command names as many paths as it may', () => {
  const paths = Array.from({ length: MAX_ITEMS }, () => '/3');
  assert.deepEqual(parsed({ msgType: 'read-composite', data: { paths } }).reqPath, paths);
});

for (const [name, command, message] of REFUSED) {
  test(`refused, with the reason: ${name}`, () => {
    assert.throws(
      () => parsed(command),
      (error) => error instanceof CommandError && message.test(error.message),
    );
  });
}

test('whatever comes is read, or refused with a reason', () => {
  const msgType = fc.constantFrom(
    'read',
    'write',
    'create',
    'execute',
    'write-attr',
    'delete',
    'write-composite',
  );
  const data = fc.dictionary(
    fc.constantFrom('path', 'basePath', 'paths', 'content', 'value', 'type', 'args', 'pmin', 'mode'),
    fc.oneof(fc.jsonValue(), fc.constantFrom('/3/0', '/3/0/14', 'String', [{ path: '/1', value: 1 }])),
  );
  fc.assert(
    fc.property(fc.record({ msgType, data }), (command) => {
      const text = readCommandText(JSON.stringify(command));
      requestPathOf(text.data);
      try {
        for (const each of eachCommandText(text)) readCommand(each, typeOf);
      } catch (error) {
        assert.ok(error instanceof CommandError);
      }
    }),
  );
});
