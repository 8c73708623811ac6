import fc from 'fast-check'

const PIECES = [
  '::',
  ':',
  '::set-env name=NODE_OPTIONS::--require /tmp/x.js',
  '::add-path::',
  '::stop-commands::x',
  '##[',
  '##[set-env name=A]b',
  '##vso[task.setvariable variable=a]b',
  '#',
  '[',
  ']',
  '\n',
  '\r',
  '\r\n',
  ' ',
  '\t',
  '\v',
  '\u0000',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u2029',
  '\u202e',
  '\u2066',
  '\ufeff',
  '\u200b',
  '\u001b',
  '\u001b[31m',
  '\u001b[0m',
  '\u001b[2J',
  '\u001b]8;;http://evil\u0007',
  '\u009b31m',
  '%0A',
  '%25',
  '%3A%3A',
  'add-mask',
  'group',
  'a',
]

/** Text that a hostile registry might send. */
export const hostileText = (): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...PIECES) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
      ),
      { maxLength: 14 },
    )
    .map((pieces) => pieces.join(''))
