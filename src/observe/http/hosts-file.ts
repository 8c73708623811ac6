import { readFile } from 'node:fs/promises'

/**
 * The addresses that the hosts file assigns to a name; empty if the file does not exist. Format of hosts(5): an address, then
 * names; `#` starts a comment.
 */
export async function hostsFileAddresses(name: string, path = '/etc/hosts'): Promise<string[]> {
  const content = await readFile(path, 'utf8').catch(() => '')
  return content.split('\n').flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    return address && names.some((known) => known.toLowerCase() === name.toLowerCase()) ? [address] : []
  })
}
