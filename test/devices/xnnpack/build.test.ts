import { chmodSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { withLock } from '../../../src/devices/runtimes/xnnpack/build-lock.ts';
import { compiledFraction } from '../../../src/devices/runtimes/xnnpack/build-runner.ts';
import { runChild } from '../../../src/devices/runtimes/xnnpack/child.ts';
import { runnerCode } from '../../../src/devices/runtimes/xnnpack/runner-code.ts';
import {
  listRunners,
  locateRunner,
  storeRunner,
} from '../../../src/devices/runtimes/xnnpack/runner-store.ts';
import { findToolchain, hostTarget, type Target } from '../../../src/devices/runtimes/xnnpack/targets.ts';
import { nas } from '../../cli/nas.ts';

const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'nas runner '));

/** A PATH on which nothing is but these programs. */
function pathWith(...programs: string[]): NodeJS.ProcessEnv {
  const folder = temporaryFolder();
  for (const program of programs) {
    writeFileSync(join(folder, program), '');
    chmodSync(join(folder, program), 0o755);
  }
  return { PATH: `/nowhere:${folder}` };
}

describe('the toolchain', () => {
  test('of this machine needs no settings', async () => {
    const tools = pathWith('cmake', 'ninja', 'make', 'c++');
    expect(await findToolchain('linux-x64', tools, 'linux-x64')).toEqual({
      generator: 'Ninja',
      settings: {},
    });
  });

  test('of another has a file, and make does where ninja is missing', async () => {
    const tools = pathWith('cmake', 'make', 'aarch64-linux-gnu-g++');
    const { generator, toolchainFile } = await findToolchain('linux-arm64', tools, 'linux-x64');
    expect(generator).toBe('Unix Makefiles');
    expect((await runnerCode()).files).toContain(toolchainFile);
  });

  test('of Android is the one of its NDK', async () => {
    const ndk = temporaryFolder();
    mkdirSync(join(ndk, 'build', 'cmake'), { recursive: true });
    writeFileSync(join(ndk, 'build', 'cmake', 'android.toolchain.cmake'), '');
    const environment = { ...pathWith('cmake', 'ninja'), ANDROID_NDK_HOME: ndk };
    expect((await findToolchain('android-arm64', environment, 'linux-x64')).settings).toMatchObject({
      CMAKE_TOOLCHAIN_FILE: join(ndk, 'build/cmake/android.toolchain.cmake'),
      ANDROID_ABI: 'arm64-v8a',
    });
  });

  test.each([
    ['linux-x64', [], 'no cmake on the PATH', 'install it (apt install cmake)'],
    ['linux-x64', ['cmake'], 'no ninja or make on the PATH', 'install it (apt install ninja-build)'],
    ['linux-x64', ['cmake', 'ninja'], 'no c++, g++, clang++ on the PATH', 'install it (apt install g++)'],
    [
      'linux-arm64',
      ['cmake', 'ninja', 'g++'],
      'no aarch64-linux-gnu-g++ on the PATH',
      'install it (apt install g++-aarch64-linux-gnu)',
    ],
    [
      'android-arm64',
      ['cmake', 'ninja', 'g++'],
      'ANDROID_NDK_HOME is not set',
      expect.stringContaining('set ANDROID_NDK_HOME'),
    ],
  ] as const)('of %s with %j is incomplete', async (target, programs, found, next) => {
    const missing = findToolchain(target, pathWith(...programs), 'linux-x64');
    await expect(missing).rejects.toMatchObject({ name: 'NasError', found, next });
  });

  test('of a folder that is no NDK is refused', async () => {
    const environment = { ...pathWith('cmake', 'ninja'), ANDROID_NDK_HOME: '/nowhere' };
    await expect(findToolchain('android-arm64', environment, 'linux-x64')).rejects.toMatchObject({
      where: 'ANDROID_NDK_HOME',
      expected: 'the folder of an Android NDK',
    });
  });
});

test('this machine is a target where it runs Linux on x64 or arm64', () => {
  expect(hostTarget('linux', 'x64')).toBe('linux-x64');
  expect(hostTarget('linux', 'arm64')).toBe('linux-arm64');
  expect(hostTarget('darwin', 'arm64')).toBeUndefined();
});

test('how far a compilation is', () => {
  expect(compiledFraction('[12/48] Building C object x.o')).toBe(0.25);
  expect(compiledFraction('[ 25%] Building C object x.o')).toBe(0.25);
  expect(compiledFraction('ninja: no work to do.')).toBeUndefined();
});

describe('built runners', () => {
  const binary = (content: string): string => {
    const path = join(temporaryFolder(), 'nas-runner-xnnpack');
    writeFileSync(path, content);
    return path;
  };
  const store = async (
    cache: string,
    digest: string,
    content: string,
    code?: string,
    target: Target = 'linux-arm64',
  ) =>
    storeRunner(cache, target, digest, binary(content), {
      runtimeVersion: '1',
      code: code ?? (await runnerCode()).digest,
      sources: {},
    });

  test('are found again, the newest of the present code', async () => {
    const cache = temporaryFolder();
    const first = await store(cache, 'aaaa', 'first');
    await store(cache, 'bbbb', 'of older code', 'another');
    expect(await locateRunner(cache, 'linux-arm64')).toEqual(first);
    expect((await listRunners(cache)).map(({ digest }) => digest).sort()).toEqual(['aaaa', 'bbbb']);
  });

  test('are looked for target by target', async () => {
    const cache = temporaryFolder();
    const linux = await store(cache, 'aaaa', 'for Linux');
    await store(cache, 'bbbb', 'of older code', 'another', 'android-arm64');
    expect(await locateRunner(cache, 'android-arm64', 'linux-arm64')).toEqual(linux);
    const android = await store(cache, 'cccc', 'for Android', undefined, 'android-arm64');
    expect(await locateRunner(cache, 'android-arm64', 'linux-arm64')).toEqual(android);
  });

  test('replace the one of the same digest', async () => {
    const cache = temporaryFolder();
    await store(cache, 'aaaa', 'first');
    await store(cache, 'aaaa', 'second time');
    const [only, ...others] = await listRunners(cache);
    expect(only?.bytes).toBe('second time'.length);
    expect(others).toEqual([]);
    expect(readdirSync(join(cache, 'runners', 'linux-arm64'))).toEqual(['aaaa']);
  });

  test('that were cut off, or never finished, are none', async () => {
    const cache = temporaryFolder();
    const { path } = await store(cache, 'aaaa', 'whole');
    writeFileSync(path, 'who');
    mkdirSync(join(cache, 'runners', 'linux-arm64', 'bbbb'));
    expect(await listRunners(cache)).toEqual([]);
  });

  test.each([
    ['nobody', undefined, 'it has not been built'],
    ['another version', 'another', 'it was built from another version of its code'],
  ])('by %s are missing, and the error says the command', async (_, code, found) => {
    const cache = temporaryFolder();
    if (code !== undefined) await store(cache, 'aaaa', 'x', code);
    await expect(locateRunner(cache, 'linux-arm64')).rejects.toMatchObject({
      found,
      next: 'nas runner build --target linux-arm64',
    });
  });
});

test('a stopped build takes along what its tools have started', async () => {
  const controller = new AbortController();
  const folder = temporaryFolder();
  const stopped = runChild('sh', ['-c', '(sleep 1; touch late) & echo started; wait'], {
    folder,
    signal: controller.signal,
    onLine: () => controller.abort(new Error('stopped')),
  });
  await expect(stopped).rejects.toThrow('stopped');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(readdirSync(folder)).toEqual([]);
});

describe('the lock of a build', () => {
  test('keeps a second one out while the first works', async () => {
    const folder = temporaryFolder();
    await withLock(folder, async () => {
      await expect(withLock(folder, async () => {})).rejects.toThrow(
        `process ${process.pid} is building there`,
      );
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('of a process that is gone is taken over', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'lock'), '4194999');
    expect(await withLock(folder, async () => 'done')).toBe('done');
  });
});

describe('nas runner', () => {
  test('says that none is built', async () => {
    vi.stubEnv('NAS_CACHE', temporaryFolder());
    const { exitCode, stdout } = await nas(['runner', '--json'], temporaryFolder());
    vi.unstubAllEnvs();
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '[]\n' });
  });

  test('build refuses a target that it does not know', async () => {
    const { exitCode, stderr } = await nas(['runner', 'build', '--target', 'windows-x64'], temporaryFolder());
    expect(exitCode).toBe(2);
    expect(stderr).toContain('linux-x64, linux-arm64, android-arm64');
  });
});
