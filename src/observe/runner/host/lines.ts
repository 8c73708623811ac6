/** The lines of a text, one at a time: an array of all lines would double the memory of a large text. */
export function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start)
    if (end < 0) return yield text.slice(start)
    yield text.slice(start, end)
    start = end + 1
  }
}
