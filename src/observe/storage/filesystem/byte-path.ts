/**
 * A path on disk as bytes, one character for each: names need not be UTF-8, and most are plain hex digits, which take less memory as
 * strings than as buffers.
 */
export type BytePath = string

/** What the functions of `node:fs` take. */
export const onDisk = (path: BytePath): Buffer => Buffer.from(path, 'latin1')

/** A path for people: text, with bytes that are no UTF-8 as `\xNN`, and so a backslash that could be taken for the beginning of one. */
export function shownPath(path: BytePath): string {
  const text = path.replace(/\\(?=x[0-9a-f]{2})/g, '\\x5c')
  if (!/[\x80-\xff]/.test(path)) return text
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(onDisk(text))
  } catch {
    return text.replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`)
  }
}
