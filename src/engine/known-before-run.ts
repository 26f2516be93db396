import { is, named, topological, type Node } from './graph';

/** Operations that only move values about. */
const moving = named('slice reshape unsqueeze squeeze transpose concatenate broadcastTo');

/** Whether a value is an input of a run or a constant, or a part of such: known, and checked, before the run. */
export const isKnownBeforeRun = (node: Node): boolean =>
  topological([node]).every((part) => is(part, 'input') || is(part, 'constant') || moving.has(part.op));
