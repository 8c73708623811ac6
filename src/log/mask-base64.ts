import { Buffer } from 'node:buffer'
import { characterSource } from './mask-text.ts'

/**
 * Returns the source of a pattern that finds bytes of a secret in base64; `before` is the number of unknown bytes before
 * them, modulo 3. Characters that encode only bits of the secret are fixed and searched for; a character at either edge
 * that shares bits with a neighbour may be any, and is masked too.
 */
export function base64Source(bytes: Buffer, before: number): string {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
  const bits = (before + bytes.length) * 8
  const fixed = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(bits / 6))
  const core = [...fixed].map(base64Character).join('')
  return `${before === 0 ? '' : EDGE}${core}${bits % 6 === 0 ? '' : EDGE + PADDING}`
}

const EDGE = '(?:[A-Za-z0-9+/_-]|%2[bBfF])?'
const PADDING = '(?:=|%3[dD]|\\\\u003[dD]){0,2}'

function base64Character(char: string): string {
  if (char === '+') return `(?:-|${characterSource('+')})`
  if (char === '/') return `(?:_|${characterSource('/')})`
  return char
}
