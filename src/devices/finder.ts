import type { DeviceFinder } from '../engine';
import { chooseDevice } from './choose';
import { checkDevice } from './suitability';

/** Chooses devices and tries them, on this machine. */
export const deviceFinder: DeviceFinder = {
  choose: (program, options) => chooseDevice(program, options),
  check: (program, device, options) => checkDevice(program, device, options),
};
