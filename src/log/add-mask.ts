import type { CiPlatform } from '../core/platform.ts'
import { formatCommand } from './commands.ts'
import { maskablePieces } from './mask.ts'
import { TRAITS } from './traits.ts'

/**
 * Returns the lines that ask the runner to mask a secret too; none on Woodpecker and a plain terminal, which do not read
 * them and would show the secret.
 * GitHub unescapes the data. Forgejo's reporter does not (and Gitea's only in newer runners), so these get the raw value,
 * line by line.
 */
export function addMaskLines(secret: string, platform: CiPlatform): string[] {
  const { commands } = TRAITS[platform]
  if (commands === 'none') return []
  const lines = maskablePieces(secret).filter((piece) => !/[\r\n]/.test(piece))
  if (commands === 'escaped') return lines.map((line) => formatCommand('add-mask', {}, line))
  return [...new Set(lines.flatMap(rawPieces).flatMap(bothReadings))].map((value) => `::add-mask::${value}`)
}

// `^::([^ ]+)( (.+))?::(.*)$` is greedy: a `::` inside the value would become part of the command's name, and
// Forgejo prints unknown commands. A control character would end the line or break the match.
function rawPieces(line: string): string[] {
  return line
    .split(/:{2,}|[\p{Cc}\p{Zl}\p{Zp}]+/u)
    .map((piece) => piece.replace(/^:/, ''))
    .flatMap(maskablePieces)
}

/** A value with `%25`, `%0A` or `%0D`, both as it is and escaped: newer runners of Gitea unescape it. */
function bothReadings(value: string): string[] {
  return /%(?:25|0[ad])/i.test(value) ? [value, value.replaceAll('%', '%25')] : [value]
}
