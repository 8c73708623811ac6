/**
 * Returns the names of all commands that any known runner would find in a physical line: Forgejo's reporter and act
 * (anchored, greedy), Gitea's reporter (anchored, the name ends at a colon), GitHub's ActionCommand.cs (v2 after trimming,
 * v1 `##[` anywhere) and the Azure syntax it is derived from.
 */
export function commandsIn(line: string): string[] {
  const found = [
    /^::([^ ]+)( (.+))?::(.*)$/.exec(line)?.[1],
    /^::([^ ]+)( (.+?))?::([^\r\n]*)$/.exec(line)?.[1],
    /^::([^ :]+)( .*)?::(.*)$/.exec(line)?.[1],
    /^##\[([^ \]]*)/.exec(line)?.[1],
    githubV2(line),
    githubV1(line),
    /##vso\[([^ \]]*)/i.exec(line)?.[1],
  ]
  return [...new Set(found.filter((name) => name !== undefined))]
}

function githubV2(line: string): string | undefined {
  const trimmed = line.trimStart()
  const end = trimmed.indexOf('::', 2)
  return trimmed.startsWith('::') && end >= 0 ? trimmed.slice(2, end).split(' ')[0] : undefined
}

function githubV1(line: string): string | undefined {
  const start = line.indexOf('##[')
  const end = line.indexOf(']', start)
  return start >= 0 && end >= 0 ? line.slice(start + 3, end).split(' ')[0] : undefined
}
