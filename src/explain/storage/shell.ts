/** What a shell takes as it is, without quotes. */
const plain = /^[\w@%+=:,./-]+$/

/**
 * What a log does not carry as it is: control characters and invisible ones, which outputs replace, and `##`, in which a runner may
 * find a command.
 */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]|##/u

/** A text as one word for a POSIX shell, in one line. */
export function shellWord(text: string): string {
  if (plain.test(text)) return text
  return unprintable.test(text)
    ? printed(new TextEncoder().encode(text))
    : `'${text.replaceAll("'", "'\\''")}'`
}

/** A path as a scan shows it, as one word: `\xNN` in it stands for a byte (`shownPath` of src/observe/storage). */
export function pathWord(path: string): string {
  return escaped.test(path) ? printed(bytesOf(path)) : shellWord(path)
}

/** The same for a folder; a shell strips newlines from the end of what a command prints, so that a slash has to follow. */
export const folderWord = (path: string): string => pathWord(path.endsWith('\n') ? `${path}/` : path)

/** A character that is none of the usual ones; `!` begins an event of the history in an interactive shell, unless `=` follows. */
const ending = '[!=-~,-:]'

const escaped = /\\x[0-9a-f]{2}/

/** The bytes that a shown path stands for. */
function bytesOf(path: string): Uint8Array {
  const encoder = new TextEncoder()
  const parts = path.split(/(\\x[0-9a-f]{2})/)
  return Uint8Array.from(
    parts.flatMap((part) =>
      escaped.test(part) ? [Number.parseInt(part.slice(2), 16)] : [...encoder.encode(part)],
    ),
  )
}

/**
 * A word that `printf` makes, of octal numbers: dash has no `$'…'`. A newline at the end, which would be stripped, is a pattern that the
 * name of a file has to match.
 */
function printed(bytes: Uint8Array): string {
  const text = Array.from(bytes, printfByte).join('')
  const [, body = '', newlines = ''] = /^(.*?)((?:\\012)*)$/s.exec(text) ?? []
  return `"$(printf '${body}')"${ending.repeat(newlines.length / 4)}`
}

function printfByte(byte: number): string {
  const text = String.fromCharCode(byte)
  if (text === '%') return '%%'
  return /[\w@+=:,./ -]/.test(text) && byte < 0x80 ? text : `\\${byte.toString(8).padStart(3, '0')}`
}
