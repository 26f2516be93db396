import { Buffer } from 'node:buffer';
import { detectAll } from 'jschardet';
import { DataError } from '../dataset';

/** As much text is judged. */
const judgedBytes = 1 << 16;

/** Where most bytes beyond ASCII stand beside each other, words are written in another script than the Latin one. */
const runShare = 0.5;

/** Signs at the beginning of Windows-1252's upper half that are no letters. */
const punctuation = new Set([
  0x82, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8b, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9b,
]);

/** What the detector calls the encodings of other scripts, and the WHATWG's names, which the runtime's decoder takes. */
const otherScripts: Readonly<Record<string, string>> = {
  'windows-1251': 'windows-1251',
  'koi8-r': 'koi8-r',
  'koi8-u': 'koi8-u',
  'iso-8859-5': 'iso-8859-5',
  ibm866: 'ibm866',
  maccyrillic: 'x-mac-cyrillic',
  'windows-1253': 'windows-1253',
  'iso-8859-7': 'iso-8859-7',
  'windows-1255': 'windows-1255',
  'iso-8859-8': 'iso-8859-8',
  'windows-1256': 'windows-1256',
  'iso-8859-6': 'iso-8859-6',
  cp874: 'windows-874',
  'tis-620': 'windows-874',
  gb2312: 'gb18030',
  gbk: 'gb18030',
  gb18030: 'gb18030',
  big5: 'big5',
  'euc-kr': 'euc-kr',
  cp949: 'euc-kr',
  shift_jis: 'shift_jis',
  cp932: 'shift_jis',
  'euc-jp': 'euc-jp',
};

/**
 * Guesses the encoding of text that is not UTF-8. Latin scripts differ in single letters only, which a table's few words
 * cannot tell, so they are Windows-1252; where words are of another script, its letters say which.
 */
export function guessLegacyEncoding(bytes: Uint8Array): string {
  const judged = bytes.subarray(0, judgedBytes);
  if (!isOtherScript(judged)) return 'windows-1252';
  const found = detectAll(Buffer.from(judged)).flatMap(
    ({ encoding }) => otherScripts[encoding?.toLowerCase() ?? ''] ?? [],
  );
  return found[0] ?? 'windows-1252';
}

function isOtherScript(bytes: Uint8Array): boolean {
  let letters = 0;
  let adjoining = 0;
  let kana = 0;
  bytes.forEach((byte, at) => {
    const next = bytes[at + 1] ?? 0;
    if ((byte === 0x82 && next >= 0x9f && next <= 0xf1) || (byte === 0x83 && next >= 0x40 && next <= 0x96)) kana++;
    if (!isLetter(byte)) return;
    letters++;
    if (isLetter(bytes[at - 1] ?? 0) || isLetter(next)) adjoining++;
  });
  // Japanese syllables in Shift_JIS are pairs that in Windows-1252 would be a comma or an ƒ before a letter.
  return adjoining > runShare * letters || kana > 1;
}

/** Whether a byte beyond ASCII is no punctuation in Windows-1252. */
function isLetter(byte: number): boolean {
  return byte >= 0xc0 || (byte >= 0x81 && byte < 0xa0 && !punctuation.has(byte));
}

/**
 * A decoder of an encoding named by the user.
 * @throws DataError where there is no such encoding
 */
export function decoderOf(encoding: string, file: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding);
  } catch (error) {
    throw new DataError(
      `${file}: there is no encoding "${encoding}"; names are those of the WHATWG, such as utf-8, windows-1252, windows-1251, iso-8859-2, shift_jis or gb18030.`,
      { cause: error },
    );
  }
}
