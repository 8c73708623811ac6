import type { CiPlatform } from '../core/platform.ts'
import { formatCommand } from './commands.ts'
import { maskablePieces } from './mask.ts'
import { TRAITS } from './traits.ts'

/**
 * Takes a secret, gives the lines that ask the runner to hide it as well; none where nobody reads them
 * (Woodpecker, a plain terminal), since there the line would show the secret.
 * GitHub un-escapes the data. Forgejo's reporter does not (and Gitea's does in newer runners only), so these get
 * the raw value, line by line.
 */
export function addMaskLines(secret: string, platform: CiPlatform): string[] {
  const { commands } = TRAITS[platform]
  if (commands === 'none') return []
  const lines = maskablePieces(secret).filter((piece) => !/[\r\n]/.test(piece))
  if (commands === 'escaped') return lines.map((line) => formatCommand('add-mask', {}, line))
  return [...new Set(lines.flatMap(rawPieces).flatMap(bothReadings))].map((value) => `::add-mask::${value}`)
}

// `^::([^ ]+)( (.+))?::(.*)$` is greedy: a `::` inside the value would become part of the command's name, and
// Forgejo shows commands it does not know. A control character would end the line or break the match.
function rawPieces(line: string): string[] {
  return line
    .split(/:{2,}|[\p{Cc}\p{Zl}\p{Zp}]+/u)
    .map((piece) => piece.replace(/^:/, ''))
    .flatMap(maskablePieces)
}

function bothReadings(value: string): string[] {
  return /%(?:25|0[ad])/i.test(value) ? [value, value.replaceAll('%', '%25')] : [value]
}
