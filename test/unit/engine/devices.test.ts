import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contributes } from '../../../package.json';
import {
  compile,
  abs,
  exp,
  neg,
  square,
  sum,
  tanh,
  shared,
  tensor,
  type DeviceId,
  type StepProgram,
} from '../../../src/engine';
import { deviceFinder } from '../../../src/devices/finder';
import { tryDevicesIn } from '../../../src/devices/trial-process';
import { chooseDevice } from '../../../src/devices/choose';
import { deviceChoices } from '../../../src/model/run';
import { bundle, projectFolder } from '../worker/support/build';
import type { Finding } from './fixtures/device-checks';
import type { Fault } from './fixtures/faulty-trial';
import { largeProgram, longRun } from './fixtures/programs';

const folder = join(projectFolder, 'dist', 'test-devices');
const fixture = (name: string): string => join('test', 'unit', 'engine', 'fixtures', name);

/** Where there is no graphics card: the Vulkan driver in software that Debian's Chromium brings. */
const softwareGraphics =
  process.platform === 'linux'
    ? {
        VK_ICD_FILENAMES: '/usr/lib/chromium/vk_swiftshader_icd.json',
        LD_LIBRARY_PATH: '/usr/lib/chromium',
        XDG_RUNTIME_DIR: '/tmp',
      }
    : {};

/** Makes checks in a process of their own, since a graphics driver may take its process with it. */
function findings(
  names: readonly string[],
  options: { env?: object; execArgv?: string[] },
): Promise<Map<string, Finding>> {
  const child = fork(join(folder, 'device-checks.js'), [...names], {
    execArgv: options.execArgv ?? [],
    env: { ...process.env, ...options.env },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const found = new Map<string, Finding>();
  let output = '';
  child.stderr?.on('data', (data: Buffer) => (output += data.toString()));
  child.on('message', ({ name, finding }: { name: string; finding: Finding }) => found.set(name, finding));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(found);
      else
        reject(
          new Error(
            `the checks ended with ${signal ?? `exit code ${code}`} after ${[...found.keys()].join()}: ${output}`,
          ),
        );
    });
  });
}

/** Fails only where absolute and relative difference both exceed the tolerance. */
function agrees({ compared }: Finding, tolerance = 2e-5): void {
  for (const { what, actual, expected } of compared) {
    assert.equal(actual.length, expected.length, what);
    expected.forEach((value, i) => {
      const difference = Math.abs(actual[i]! - value);
      assert.ok(
        difference <= tolerance * Math.max(1, Math.abs(value)),
        `${what}: element ${i} is ${actual[i]}, not ${value}`,
      );
    });
  }
}

before(() =>
  bundle(
    {
      'device-checks': fixture('device-checks.ts'),
      'faulty-trial': fixture('faulty-trial.ts'),
    },
    folder,
  ),
);
after(() => rm(folder, { recursive: true, force: true }));

describe('WebGPU', function () {
  this.timeout(300_000);
  const names = [
    ...['webgpuArticle', 'webgpuMasked', 'webgpuInnerLoop', 'webgpuBatch', 'webgpuInnerBatch'],
    ...['webgpuOperators', 'webgpuSolvers', 'webgpuElsewhere', 'automatic'],
  ];
  let found: Map<string, Finding>;
  before(async () => {
    found = await findings(names, { env: softwareGraphics });
  });

  for (const [title, name] of [
    ["takes the article's step", 'webgpuArticle'],
    ['takes a masked step, blind to what is missing', 'webgpuMasked'],
    ['takes a step with inner loops', 'webgpuInnerLoop'],
    ['takes the steps of several runs side by side', 'webgpuBatch'],
    ['takes steps with inner loops side by side', 'webgpuInnerBatch'],
    ['has every operator', 'webgpuOperators'],
    ['takes the steps of solvers', 'webgpuSolvers'],
  ] as const) {
    it(`${title} as float64 on the processor does, all of it on the device`, () => {
      const finding = found.get(name)!;
      assert.deepEqual(finding.device, { requested: 'webgpu', used: 'webgpu', reason: 'As asked for.' });
      agrees(finding);
    });
  }

  it('tells what runs elsewhere', () => {
    const finding = found.get('webgpuElsewhere')!;
    agrees(finding);
    assert.equal(finding.device.used, 'webgpu');
    const operations = finding.device.placement?.map(({ operation, device }) => `${operation} on ${device}`);
    assert.ok(operations?.includes('Cast on CPU'), JSON.stringify(finding.device));
  });

  it('is not chosen by itself where it is software', function () {
    const { device } = found.get('automatic')!;
    if (process.platform !== 'linux') return;
    assert.equal(device.used, 'cpu');
    assert.match(device.reason, /WebGPU is computed by the processor here|WebGPU does not work here: no answer/);
  });
});

describe('WebAssembly', function () {
  this.timeout(60_000);

  it("takes the article's step as the interpreter does", async () => {
    const finding = (await findings(['wasmArticle'], {})).get('wasmArticle')!;
    assert.equal(finding.device.used, 'wasm');
    agrees(finding);
  });

  it('computes, and says why, where the native library does not load', async () => {
    const execArgv = ['--require', join(projectFolder, fixture('without-native.cjs'))];
    const finding = (await findings(['autoArticle'], { execArgv })).get('autoArticle')!;
    assert.equal(finding.device.used, 'wasm');
    assert.match(finding.device.reason, /no native library for this system \(Cannot find module/);
    agrees(finding);
  });
});

/** How the process that tries devices fares with each of them, until the test ends. */
function trialsGo(faults: Partial<Record<DeviceId, Fault>>): void {
  tryDevicesIn(join(folder, 'faulty-trial.js'));
  process.env['FACTORLENS_TEST_TRIAL'] = JSON.stringify(faults);
}
afterEach(() => {
  tryDevicesIn(undefined);
  delete process.env['FACTORLENS_TEST_TRIAL'];
});

describe('the device that is chosen by itself', function () {
  this.timeout(60_000);
  const all: readonly DeviceId[] = ['cpu', 'dml', 'coreml', 'cuda', 'webgpu'];
  const choose = (program: StepProgram, offered: readonly DeviceId[] = all, hasGraphicsDevice = true) =>
    chooseDevice(program, longRun, {
      offered: () => Promise.resolve(offered),
      hasGraphicsDevice: () => hasGraphicsDevice,
    });
  const [fast, slow] = [{ seconds: 1e-9 }, { seconds: 1e9 }];

  it('is the first in order that beats the processor, and the report says how the others fared', async () => {
    trialsGo({ cuda: slow, webgpu: { ...fast, software: true }, dml: fast, coreml: fast });
    const { device, reason } = await choose(largeProgram(700));
    assert.equal(device, 'dml');
    assert.match(
      reason,
      /^In a trial a step takes \S+ ms on DirectML and \S+ ms on the processor \(a step takes \S+ ms on CUDA and \S+ ms on the processor; WebGPU is computed by the processor here\)\.$/,
    );
  });

  it('is tried once for steps of one kind and size, and anew for another', async () => {
    trialsGo({ cuda: 'wrong', webgpu: 'wrong', dml: 'wrong', coreml: 'wrong' });
    const alike = await choose(largeProgram(690));
    assert.equal(alike.device, 'dml');
    assert.match(alike.reason, /processor here\), as a step of this kind and size has shown\.$/);
    trialsGo({ cuda: fast });
    assert.equal((await choose(largeProgram(1400))).device, 'cuda');
    assert.equal((await choose(largeProgram(700, exp))).device, 'cuda');
  });

  it('is the processor where no other works, each for a reason that is told', async () => {
    trialsGo({ cuda: 'absent', webgpu: 'wrong', dml: 'abort', coreml: slow });
    const { device, reason } = await choose(largeProgram(700, tanh));
    assert.equal(device, 'cpu');
    assert.match(
      reason,
      /since CUDA does not work here: no cuda; WebGPU does not work here: a step on WebGPU gave another/,
    );
    assert.match(
      reason,
      /; DirectML does not work here: its driver ended the process .*; a step takes \S+ ms on Core ML and/,
    );
  });

  it('is the processor, and nothing is tried, where there is nothing to try', async () => {
    trialsGo({ cuda: fast, webgpu: fast, dml: fast, coreml: fast });
    const none = await choose(largeProgram(700, abs), ['cpu']);
    assert.match(none.reason, /knows no graphics device on this system/);
    assert.match((await choose(largeProgram(700, neg), all, false)).reason, /there is no graphics device/);
  });
});

describe('a device that does not work', function () {
  this.timeout(60_000);
  const x = shared(tensor([1, 2]), 'x');
  const program = { outputs: { cost: sum(square(x)) }, updates: [[x, x.mul(0.5)]], finder: deviceFinder };

  /** Compiles for WebGPU while the process that tries it goes wrong in some way. */
  async function compiledAfter(fault: Fault): Promise<{ reason: string; cost: number }> {
    trialsGo({ webgpu: fault });
    const compiled = await compile({ ...program, device: 'webgpu' });
    const { cost } = await compiled.run({});
    await compiled.dispose();
    assert.equal(compiled.device.requested, 'webgpu');
    assert.equal(compiled.device.used, 'cpu');
    return { reason: compiled.device.reason, cost: cost[0]! };
  }

  it('is left to the processor where it computes something else', async () => {
    const { reason, cost } = await compiledAfter('wrong');
    assert.match(reason, /gave another cost than on the processor/);
    assert.equal(cost, 5);
  });

  it('is left to the processor where its driver ends the process, which is not tried again', async () => {
    const { reason, cost } = await compiledAfter('abort');
    assert.match(reason, /WebGPU does not work here: its driver ended the process \((SIGABRT|exit code \d+)\)/);
    assert.equal(cost, 5);
    assert.equal((await compiledAfter('wrong')).reason, reason);
  });

  it('is left to the processor where this system has none', async () => {
    const device = process.platform === 'darwin' ? 'dml' : 'coreml';
    const compiled = await compile({ ...program, device });
    assert.equal(compiled.device.used, 'cpu');
    assert.match(compiled.device.reason, /has no such device on this system/);
    await compiled.dispose();
  });

  it('is told where float64 is asked for, which the processor alone has', async () => {
    const compiled = await compile({ ...program, device: 'webgpu', precision: 'float64' });
    assert.match(compiled.device.reason, /computes in float32 alone/);
    await compiled.dispose();
  });

  it('is not looked for where there is little to do', async () => {
    const compiled = await compile(program);
    assert.match(compiled.device.reason, /too little work for another device/);
    await compiled.dispose();
  });
});

describe('the devices of the settings', () => {
  it('are those of the command line', () => {
    assert.deepEqual(contributes.configuration.properties['factorlens.device'].enum, deviceChoices);
  });
});
