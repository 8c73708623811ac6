import { SourceMap } from 'node:module'

const frame = /(?:file:\/\/)?((?:\/|[A-Za-z]:)[^\s():]*\.[cm]js):(\d+):(\d+)/

/**
 * Translates a stack trace of the bundle to the positions in its sources. Node's own source map support would have to be enabled
 * before the bundle is compiled, and cost every run. `readMap` returns the source map of a file, or undefined.
 */
export function sourceStack(stack: string, readMap: (file: string) => string | undefined): string {
  const maps = new Map<string, SourceMap | undefined>()
  const mapOf = (file: string): SourceMap | undefined => {
    if (!maps.has(file)) maps.set(file, parse(readMap(file)))
    return maps.get(file)
  }
  return stack
    .split('\n')
    .map((line) =>
      line.replace(frame, (place, file: string, row: string, column: string) => {
        const origin = mapOf(file)?.findOrigin(Number(row), Number(column))
        return origin && 'fileName' in origin
          ? `${origin.fileName.replace(/^(\.\.\/)+/, '')}:${origin.lineNumber}:${origin.columnNumber}`
          : place
      }),
    )
    .join('\n')
}

function parse(text: string | undefined): SourceMap | undefined {
  try {
    return text === undefined ? undefined : new SourceMap(JSON.parse(text))
  } catch {
    return undefined
  }
}
