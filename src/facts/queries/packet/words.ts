/** Splits a line of `iptables-save` into words: blanks separate, double quotes hold a text together. */
export function saveWords(text: string): string[] {
  if (!text.includes('"')) return text.split(' ').filter((word) => word !== '')
  const words: string[] = []
  for (const [at, part] of text.split(/"((?:[^"\\]|\\.)*)"/).entries()) {
    if (at % 2 === 1) words.push(part.replace(/\\(.)/g, '$1'))
    else words.push(...part.split(' ').filter((word) => word !== ''))
  }
  return words
}

/** A word of nft; a quoted one is a name, whatever it looks like. */
export interface NftWord {
  text: string
  quoted: boolean
}

/** Splits a rule of nft into words: braces, parentheses and commas of lists are words. */
export function nftWords(text: string): NftWord[] {
  const words: NftWord[] = []
  for (const [, quoted, mark, plain] of text.matchAll(/"([^"]*)"|([{}()])|([^\s"{}()]+)/g)) {
    if (quoted !== undefined) words.push({ text: quoted, quoted: true })
    else if (mark !== undefined) words.push({ text: mark, quoted: false })
    else if (plain !== undefined) {
      const inner = plain.endsWith(',') ? plain.slice(0, -1) : plain
      if (inner !== '') words.push({ text: inner, quoted: false })
      if (inner !== plain) words.push({ text: ',', quoted: false })
    }
  }
  return words
}
