/** The contents of every element with this name, as they stand in the document. Only for the flat documents of S3, without nesting. */
export function elements(xml: string, name: string): string[] {
  const found: string[] = []
  const end = `</${name}>`
  // Not one regular expression: that would search the rest of the document for the end of each element that has none.
  const start = new RegExp(`<${name}(?:\\s[^>]*)?>`, 'g')
  for (;;) {
    if (start.exec(xml) === null) return found
    const until = xml.indexOf(end, start.lastIndex)
    if (until < 0) return found
    found.push(xml.slice(start.lastIndex, until))
    start.lastIndex = until + end.length
  }
}

/** The text of the first element with this name; undefined if there is none. */
export function textOf(xml: string, name: string): string | undefined {
  const inside = new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`).exec(xml)?.[1]
  return inside === undefined ? undefined : decoded(inside)
}

const decoded = (text: string): string =>
  text.includes('&')
    ? text.replace(
        /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/g,
        (whole, hex, decimal, name) => {
          if (name !== undefined) return entities[name as keyof typeof entities]
          const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
          return code <= 0x10ffff ? String.fromCodePoint(code) : whole
        },
      )
    : text

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
