import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellingHub } from '../sys/testing.js';
import { type Machine, thisMachine, type Usage } from './machine.js';
import { OsMonitor, osMonConfigSchema } from './os-monitor.js';
import { VmMonitor, vmMonConfigSchema } from './vm-monitor.js';

/** A machine that is as the test says. */
class TestMachine implements Machine {
  cpu: Usage = { used: 0, total: 0 };
  system: Usage = { used: 0, total: 1000 };
  process: Usage = { used: 0, total: 1000 };
  files: Usage | undefined = { used: 0, total: 1000 };

  /** Lets the processors be busy for a part of a second. */
  work(percent: number): void {
    this.cpu = { used: this.cpu.used + percent * 10, total: this.cpu.total + 1000 };
  }

  cpuTime = () => this.cpu;
  memory = () => this.system;
  processMemory = () => this.process;
  openFiles = async () => this.files;
}

function watched(osMon: Record<string, unknown> = {}, vmMon: Record<string, unknown> = {}) {
  const { hub, alarms } = tellingHub();
  const machine = new TestMachine();
  const os = new OsMonitor(alarms, hub.timers, machine, osMonConfigSchema.parse(osMon));
  const vm = new VmMonitor(alarms, hub.engine, machine, vmMonConfigSchema.parse(vmMon));
  os.start();
  vm.start();
  const active = () => alarms.active.map(({ name }) => name);
  /** Some time goes by, and what is measured asynchronously is measured. */
  const pass = async (seconds: number) => {
    hub.clock.advance(seconds * 1000);
    await hub.nextTurn();
  };
  return { hub, alarms, machine, os, vm, active, pass };
}

test('an alarm about the processors goes on above the high watermark and off at the low one', async () => {
  const { alarms, machine, active, pass } = watched();
  const measure = async (percent: number) => {
    machine.work(percent);
    await pass(60);
    return active();
  };
  assert.deepEqual(await measure(80), []);
  assert.deepEqual(await measure(81), ['high_cpu_usage']);
  assert.deepEqual(await measure(61), ['high_cpu_usage']);
  const [{ message = '', details = {} } = {}] = alarms.active;
  assert.equal(message, 'CPU usage is higher than 80%');
  assert.deepEqual(details, { high_watermark: 80, low_watermark: 60 });
  assert.deepEqual(await measure(60), []);
  assert.deepEqual(await measure(80), []);
});

test('nothing is said of processors that do not tell', async () => {
  const { active, pass } = watched();
  await pass(600);
  assert.deepEqual(active(), []);
});

test('alarms about memory go on above their watermark and off at it', async () => {
  const { alarms, machine, active, pass } = watched({ sysmem_high_watermark: '60%' });
  machine.system = { used: 601, total: 1000 };
  machine.process = { used: 501, total: 1000 };
  await pass(59);
  assert.deepEqual(active(), []);
  await pass(2);
  assert.deepEqual(active(), ['high_system_memory_usage', 'high_process_memory_usage']);
  assert.deepEqual(
    alarms.active.map(({ message, details }) => [message, details]),
    [
      ['System memory usage is higher than 60%', { high_watermark: 60 }],
      ['Process memory usage is higher than 50%', { high_watermark: 50 }],
    ],
  );
  machine.system = { used: 600, total: 1000 };
  machine.process = { used: 500, total: 1000 };
  await pass(60);
  assert.deepEqual(active(), []);
});

test('an alarm goes on before there are no more file descriptors', async () => {
  const { alarms, machine, active, pass } = watched();
  machine.files = { used: 801, total: 1000 };
  await pass(31);
  assert.deepEqual(active(), ['too_many_open_files']);
  assert.equal(alarms.active[0]?.message, 'Usage of file descriptors is higher than 80%');
  machine.files = undefined;
  await pass(30);
  assert.deepEqual(active(), ['too_many_open_files']);
  machine.files = { used: 600, total: 1000 };
  await pass(30);
  assert.deepEqual(active(), []);
});

test('an alarm that an operator has ended stays away until its cause has been away', async () => {
  const { alarms, machine, active, pass } = watched();
  machine.system = { used: 900, total: 1000 };
  await pass(61);
  assert.equal(alarms.deactivate('high_system_memory_usage'), true);
  await pass(600);
  assert.deepEqual(active(), []);
  machine.system = { used: 100, total: 1000 };
  await pass(60);
  machine.system = { used: 900, total: 1000 };
  await pass(60);
  assert.deepEqual(active(), ['high_system_memory_usage']);
});

test('an interval of 0 is never, and after the stop nothing is watched', () => {
  const off = watched({ cpu_check_interval: 0, mem_check_interval: 0 }, { check_interval: 0 });
  assert.equal(off.hub.timers.size, 0);
  const { hub, os, vm } = watched();
  os.stop();
  vm.stop();
  assert.equal(hub.timers.size, 0);
});

test('a low watermark above the high one is refused', () => {
  const [issue] = osMonConfigSchema.safeParse({ cpu_low_watermark: '90%' }).error?.issues ?? [];
  assert.deepEqual(issue?.path, ['cpu_low_watermark']);
  assert.equal(issue?.message, 'must not be above cpu_high_watermark');
  assert.equal(vmMonConfigSchema.safeParse({ process_high_watermark: '50%' }).success, false);
  assert.equal(vmMonConfigSchema.safeParse({ process_high_watermark: '60%' }).success, true);
  const wrong = vmMonConfigSchema.safeParse({ process_high_watermark: '0.9' }).error?.issues ?? [];
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [['process_high_watermark']],
  );
});

test('of this machine there is something to measure', async () => {
  const measured = [
    thisMachine.cpuTime(),
    thisMachine.memory(),
    thisMachine.processMemory(),
    await thisMachine.openFiles(),
  ];
  for (const usage of measured) {
    if (usage === undefined) continue;
    assert.ok(usage.used > 0 && usage.used < usage.total, JSON.stringify(usage));
  }
});

test('other watermarks and intervals hold from the next look on, and alarms know what they were about', async () => {
  const { machine, os, vm, active, pass } = watched();
  machine.system = { used: 650, total: 1000 };
  machine.files = { used: 700, total: 1000 };
  await pass(61);
  assert.deepEqual(active(), []);
  os.adjust(osMonConfigSchema.parse({ sysmem_high_watermark: '60%', mem_check_interval: '1s' }));
  vm.adjust(vmMonConfigSchema.parse({ process_high_watermark: '65%', check_interval: '1s' }));
  await pass(2);
  assert.deepEqual(active(), ['high_system_memory_usage', 'too_many_open_files']);
  os.adjust(osMonConfigSchema.parse({ sysmem_high_watermark: '90%', mem_check_interval: '1s' }));
  vm.adjust(vmMonConfigSchema.parse({ process_low_watermark: '75%', check_interval: '1s' }));
  await pass(2);
  assert.deepEqual(active(), []);
});
