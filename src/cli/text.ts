// What is written to a terminal goes through one of these.
export { jsonLine, oneLine } from '../untrusted/text';
export { durationText } from '../wording/duration';
export { number as figure } from '../wording/figures';
