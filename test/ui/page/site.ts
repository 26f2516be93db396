import { Site } from './inspector-page';

/** Starts a site before the tests of a file and stops it after them. */
export function useSite(): () => Site {
  let site: Site | undefined;
  before(async function () {
    this.timeout(60_000);
    site = await Site.start();
  });
  after(async () => {
    await site?.stop();
  });
  return () => {
    if (site === undefined) throw new Error('The site starts before the first test.');
    return site;
  };
}
