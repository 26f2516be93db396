// Called in the extension host by the editor under test: runs the compiled tests beside this file. The host's console
// leads to the editor's own log, so the report goes to a file that the test command follows.
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

/** @throws when a test failed, which is what the desktop editor turns into its exit code */
export async function run(): Promise<void> {
  const report = process.env.FACTORLENS_REPORT;
  if (report !== undefined) {
    Mocha.reporters.Base.consoleLog = (...values: unknown[]) => appendFileSync(report, `${format(...values)}\n`);
  }
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 60_000,
    forbidOnly: true,
    forbidPending: true,
    reporter: join(__dirname, '..', '..', '..', 'scripts', 'mocha-reporter.cjs'),
    ...(process.env.FACTORLENS_GREP === undefined ? {} : { grep: process.env.FACTORLENS_GREP }),
  });
  for (const name of readdirSync(__dirname, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.test.js')) mocha.addFile(join(__dirname, name));
  }
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} extension tests failed.`);
}
