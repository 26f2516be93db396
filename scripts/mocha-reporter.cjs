// Mocha's usual report for people, and the counts as JSON for scripts/test.mjs, written to $FACTORLENS_RESULTS.
const { writeFileSync } = require('node:fs');
const Mocha = require('mocha');

module.exports = class CountingReporter extends Mocha.reporters.Spec {
  /**
   * @param {import('mocha').Runner} runner
   * @param {import('mocha').MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    /** @type {{ title: string, message: string }[]} */
    const failures = [];
    runner.on('fail', (test, error) =>
      failures.push({ title: test.fullTitle(), message: String(error?.message ?? error) }),
    );
    runner.on('end', () => {
      const file = process.env.FACTORLENS_RESULTS;
      if (file === undefined) return;
      const { passes, pending } = runner.stats ?? { passes: 0, pending: 0 };
      writeFileSync(file, JSON.stringify({ passed: passes, pending, failures }));
    });
  }
};
