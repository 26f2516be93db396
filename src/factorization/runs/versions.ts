import { version as factorlens } from '../../../package.json';
import { runtimeVersion } from '../../engine';

/** Versions of what computes a result, kept with it. */
export function versions(): Record<string, string> {
  return { factorlens, onnxruntime: runtimeVersion(), node: process.versions.node };
}
