/**
 * Text from outside, made safe to stand in the middle of a line: no control character, no line break, no direction
 * override, no invisible character, and not longer than `max`.
 */
export function clean(text: string, max = 400): string {
  const safe = text
    .replace(/\s*[\r\n\u2028\u2029]+\s*/gu, ' ⏎ ')
    .replace(/\p{Cc}|\p{Cf}|\p{Co}|\p{Cn}|\p{Cs}/gu, '�')
  return safe.length > max ? `${safe.slice(0, max)}…` : safe
}
