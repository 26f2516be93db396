import assert from 'node:assert/strict';
import { InspectorPage } from './inspector-page';
import { useSite } from './site';

/** A fresh page for every test of the suite around, which must end without faults. */
export function useInspector(): () => InspectorPage {
  const site = useSite();
  let inspector: InspectorPage;
  beforeEach(async () => {
    inspector = await InspectorPage.open(site());
  });
  afterEach(async () => {
    await inspector.close();
    assert.deepEqual(inspector.faults, []);
  });
  return () => inspector;
}
