import { PartituraError } from '../runtime/errors.ts';

/** 1 MiB: a long book. What is larger is an export of something, and would not fit in any model's window. */
export const maximumPrdBytes = 1024 * 1024;

/** Words a PRD needs besides the small ones before anybody could say what it asks for. */
const fewestWords = 3;

/** How much of a text is looked at to see whether it says something. */
const looked = 20_000;

/**
 * The text of a PRD, without byte order mark, when it can be worked with.
 * @throws {PartituraError} `PRD_EMPTY`, `PRD_TOO_VAGUE`, `PRD_NOT_TEXT`, `PRD_TOO_LARGE`
 */
export const checkPrd = (prd: Uint8Array | string): string => {
  const size = typeof prd === 'string' ? Buffer.byteLength(prd) : prd.byteLength;
  if (typeof prd !== 'string') refuseDocumentFormats(prd);
  if (size > maximumPrdBytes) {
    throw new PartituraError(
      'PRD_TOO_LARGE',
      `The PRD has ${inMebibytes(size)}; at most ${inMebibytes(maximumPrdBytes)} can be read.`,
      { advice: 'Keep to what is to be built, and leave attachments, logs and exports out.' },
    );
  }
  const text = (typeof prd === 'string' ? prd : decoded(prd)).replace(/^\uFEFF/, '');
  if (text.trim() === '') {
    throw new PartituraError(
      'PRD_EMPTY',
      size === 0 ? 'The PRD is empty.' : 'The PRD holds nothing but white space.',
      {
        advice: 'Say in a few sentences what is to be built, for whom, and what it must do.',
      },
    );
  }
  refuseBinary(text);
  refuseVague(text);
  return text;
};

const inMebibytes = (bytes: number): string => {
  const size = bytes / (1024 * 1024);
  // Rounded up, so that a file one byte over the limit does not read as the limit.
  return `${(Math.ceil(size * 100) / 100).toFixed(2)} MiB`;
};

/** What people send for a text, by the first bytes that give it away. */
const formats: readonly {
  readonly name: string;
  readonly magic: readonly number[];
  readonly advice: string;
}[] = [
  {
    name: 'a PDF',
    magic: [0x25, 0x50, 0x44, 0x46],
    advice: 'Save its text as Markdown or plain text, for example with pdftotext, and pass that.',
  },
  {
    name: 'a Word document or another zip archive',
    magic: [0x50, 0x4b, 0x03, 0x04],
    advice: 'Save it as Markdown or plain text, for example with pandoc, and pass that.',
  },
  {
    name: 'an old Word document',
    magic: [0xd0, 0xcf, 0x11, 0xe0],
    advice: 'Save it as Markdown or plain text and pass that.',
  },
  {
    name: 'an RTF document',
    magic: [0x7b, 0x5c, 0x72, 0x74, 0x66],
    advice: 'Save it as plain text and pass that.',
  },
  { name: 'a PNG image', magic: [0x89, 0x50, 0x4e, 0x47], advice: 'Write down what it shows and pass that.' },
  { name: 'a JPEG image', magic: [0xff, 0xd8, 0xff], advice: 'Write down what it shows and pass that.' },
  { name: 'a gzip archive', magic: [0x1f, 0x8b], advice: 'Unpack it and pass the text in it.' },
];

const refuseDocumentFormats = (bytes: Uint8Array): void => {
  for (const { name, magic, advice } of formats) {
    if (!magic.every((byte, index) => bytes[index] === byte)) continue;
    const isWord = magic[0] === 0x50 && Buffer.from(bytes.subarray(0, 4096)).includes('word/');
    throw notText(`The PRD is ${isWord ? 'a Word document (DOCX)' : name}, not text.`, advice);
  }
};

const decoded = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const at = firstInvalidByte(bytes);
    const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw notText(
      wide ? 'The PRD is UTF-16, not UTF-8.' : `The PRD is not UTF-8 text: byte ${at} cannot be read.`,
      'Save it as UTF-8 and pass it again.',
      cause,
    );
  }
};

/** 0-based place of the first byte that is no UTF-8: by halving, as the decoder does not say. */
const firstInvalidByte = (bytes: Uint8Array): number => {
  let valid = 0;
  let invalid = bytes.length;
  while (valid + 1 < invalid) {
    const middle = (valid + invalid) >> 1;
    try {
      // A stream may end within a character: what is cut there is no mistake.
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      valid = middle;
    } catch {
      invalid = middle;
    }
  }
  return valid;
};

/** Bytes that are valid UTF-8 and no text all the same: NUL, or more control characters than any text has. */
const refuseBinary = (text: string): void => {
  const nul = text.indexOf('\0');
  let controls = 0;
  for (let index = 0; index < Math.min(text.length, looked); index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 && code !== 9 && code !== 10 && code !== 12 && code !== 13) controls += 1;
  }
  if (nul === -1 && controls * 20 <= Math.min(text.length, looked)) return;
  throw notText('The PRD is binary data, not text.', 'Pass a Markdown or plain text file.');
};

const notText = (message: string, advice: string, cause?: unknown): PartituraError =>
  new PartituraError('PRD_NOT_TEXT', message, { advice, cause });

const smallWords: ReadonlySet<string> = new Set(
  (
    'a an and are as at be but by can could do does for from get give good great has have i if in into is it its just ' +
    'let lets make me my need needs nice no not of on one or our please so some something stuff that the their them ' +
    'there these thing things this to todo tbd up us very want was we what when which who will with would you your ' +
    'build create develop write hello hi test lorem ipsum'
  ).split(' '),
);

const refuseVague = (text: string): void => {
  const words = new Set<string>();
  for (const { segment, isWordLike } of new Intl.Segmenter(undefined, { granularity: 'word' }).segment(
    text.slice(0, looked),
  )) {
    const word = segment.toLowerCase();
    if (!isWordLike || !/\p{L}/u.test(word) || smallWords.has(word)) continue;
    // One letter says nothing, one ideograph can be a word.
    if (word.length > 1 || /\p{Script=Han}/u.test(word)) words.add(word);
    if (words.size >= fewestWords) return;
  }
  const found =
    words.size === 0 ? 'no word' : `only ${[...words].map((word) => `“${word.slice(0, 40)}”`).join(' and ')}`;
  throw new PartituraError(
    'PRD_TOO_VAGUE',
    `The PRD is too vague to plan: there is ${found} in it that says what to build.`,
    {
      advice:
        'Add who uses it, what they can do with it, and what must hold; one sentence for each is enough to begin with.',
    },
  );
};
