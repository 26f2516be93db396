// Programs and libraries that npm cannot bring. As root on Debian or Ubuntu they are installed; elsewhere the remedy is
// told and the caller fails.
import { existsSync } from 'node:fs';
import { findChromium, findOnPath } from './places.mjs';
import { run, say, succeeds } from './run.mjs';

/**
 * @typedef {object} Requirement
 * @property {string} what in the words of the person who reads the message
 * @property {readonly string[]} debian the packages that bring it on Debian and Ubuntu
 * @property {() => boolean} isMet
 */

/** @type {Record<'chromium' | 'swiftshader' | 'numpy' | 'editorBuild', readonly Requirement[]>} */
export const requirements = {
  chromium: [
    {
      what: 'Chromium or Chrome (FACTORLENS_CHROMIUM names one that is not on the PATH)',
      // Without its recommended packages Chromium comes without a single font.
      debian: ['chromium', 'fonts-dejavu-core'],
      isMet: () => findChromium() !== undefined,
    },
  ],
  // Where there is no graphics card, WebGPU is tested on this one made of software.
  swiftshader: [
    {
      what: "SwiftShader, a graphics device in software, from Debian's Chromium",
      debian: ['chromium'],
      isMet: () => process.platform !== 'linux' || existsSync('/usr/lib/chromium/vk_swiftshader_icd.json'),
    },
  ],
  numpy: [
    {
      what: 'Python 3 with NumPy, which the tests open saved factors with',
      debian: ['python3', 'python3-numpy'],
      isMet: () => succeeds('python3', ['-c', 'import numpy']),
    },
  ],
  // The editor's native modules are compiled during its installation.
  editorBuild: [
    { what: 'make', debian: ['make'], isMet: () => findOnPath(['make']) !== undefined },
    { what: 'a C++ compiler', debian: ['g++'], isMet: () => findOnPath(['g++', 'c++', 'clang++']) !== undefined },
    { what: 'Python 3', debian: ['python3'], isMet: () => findOnPath(['python3']) !== undefined },
    {
      what: 'pkg-config',
      debian: ['pkg-config'],
      isMet: () => findOnPath(['pkg-config', 'pkgconf']) !== undefined,
    },
    {
      what: 'the Kerberos headers',
      debian: ['libkrb5-dev'],
      isMet: () => process.platform !== 'linux' || existsSync('/usr/include/gssapi/gssapi.h'),
    },
    {
      what: 'the libsecret headers',
      debian: ['libsecret-1-dev'],
      isMet: () => process.platform !== 'linux' || succeeds('pkg-config', ['--exists', 'libsecret-1']),
    },
  ],
};

/**
 * @param {readonly Requirement[]} wanted
 * @throws when something is missing that cannot be installed from here; the message names it and the remedy
 */
export async function ensureSystemPackages(wanted) {
  const missing = wanted.filter((requirement) => !requirement.isMet());
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap((requirement) => requirement.debian))];
  const apt = findOnPath(['apt-get']);
  const names = missing.map((requirement) => requirement.what).join('; ');
  if (apt === undefined || process.getuid?.() !== 0) {
    const remedy =
      apt === undefined
        ? `Install them (Debian and Ubuntu call them ${packages.join(' ')}) and run the command again.`
        : `Run: sudo apt-get update && sudo apt-get install -y ${packages.join(' ')}`;
    throw new Error(`Missing on this system: ${names}.\n${remedy}`);
  }
  say(`Installing system packages: ${packages.join(' ')} …`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // A second attempt, because another apt-get may hold the lock or a mirror may fail once.
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const lockWait = ['-o', 'DPkg::Lock::Timeout=300', '-qq'];
    await run(apt, [...lockWait, 'update'], { env: environment });
    const code = await run(apt, [...lockWait, 'install', '-y', '--no-install-recommends', ...packages], {
      env: environment,
    });
    if (code === 0) break;
    if (attempt === 2) throw new Error(`apt-get install ${packages.join(' ')} failed; its messages are above.`);
  }
  const still = missing.filter((requirement) => !requirement.isMet());
  if (still.length > 0) {
    throw new Error(
      `Still missing after installing ${packages.join(' ')}: ${still.map(({ what }) => what).join('; ')}.`,
    );
  }
}
