/** The lines of a text, one at a time: a list of all of them would double what a large text costs. */
export function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start)
    if (end < 0) return yield text.slice(start)
    yield text.slice(start, end)
    start = end + 1
  }
}
