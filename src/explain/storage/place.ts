import { isLoopback } from '../../net/address-class.ts'

/** Where a repair reads and writes. */
export interface RepairPlace {
  /** The storage as the setting names it, with the folder in it where the layout begins. */
  root: string
  base: string
  driver: 'filesystem' | 's3'
  /** The URL of the registry, or what stands for it in commands. */
  registry: string
}

/** Stands in commands for the URL of a registry that no setting names. */
export const registryPlaceholder = 'REGISTRY'

/** The URL of a registry from the setting `registry`; a bare host on loopback, or with `insecure`, speaks plain HTTP. */
export function registryUrl({
  registry = '',
  insecure,
}: {
  registry?: string | undefined
  insecure: boolean
}): string {
  if (registry === '') return registryPlaceholder
  const text = registry.includes('://') ? registry : `https://${registry}`
  if (!URL.canParse(text)) return registryPlaceholder
  const { protocol, host, hostname } = new URL(text)
  // It becomes part of commands; a URL allows characters that a shell does not take as they are.
  if (!/^[\w.:[\]-]+$/.test(host)) return registryPlaceholder
  const isPlain = protocol === 'http:' || (!registry.includes('://') && (insecure || isLoopback(hostname)))
  return `${isPlain ? 'http' : 'https'}://${host}`
}

/** The file that holds the bytes of a digest, in words of a shell. */
export function dataPath({ root, base }: RepairPlace, digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':')
  return [root.replace(/\/+$/, ''), base, 'blobs', algorithm, hex.slice(0, 2), hex, 'data']
    .filter((part) => part !== '')
    .join('/')
}

/** A word that a POSIX shell takes as it is. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
