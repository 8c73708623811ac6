import type { StorageFact } from '../../facts/storage.ts'
import { isLoopback } from '../../net/address-class.ts'
import type { Settings } from '../../settings/schema.ts'

/** Where a repair reads and writes. */
export interface RepairPlace {
  /** The storage, with the folder in it where the layout begins. */
  root: string
  base: string
  driver: 'filesystem' | 's3'
  /** The URL of the registry, or what stands for it in commands. */
  registry: string
  /** The URL of an S3 server that is not Amazon. */
  endpoint?: string | undefined
  /** The name of the registry's container, or what stands for it in commands. */
  container: string
  /** The configuration file in it that the registry was started with, where that is known. */
  config?: string | undefined
}

/** Where a repair of a storage reads and writes. */
export const placeOf = (
  { root, driver, layout, registry }: Pick<StorageFact, 'root' | 'driver' | 'layout' | 'registry'>,
  settings: Pick<Settings, 'registry' | 'insecure' | 's3_endpoint'>,
): RepairPlace => ({
  ...{ root, driver, registry: registryUrl(settings), endpoint: settings.s3_endpoint },
  base: layout.seen ? layout.value.base : '',
  container: registry?.seen ? registry.value.name : containerPlaceholder,
  config: registry?.seen ? registry.value.config : undefined,
})

/** Stands in commands for the name of a container that no engine told. */
const containerPlaceholder = 'registry'

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

/** The folder of the layout, with a path below it. */
export const inLayout = ({ root, base }: RepairPlace, path = ''): string =>
  [root.replace(/\/+$/, ''), base, path].filter((part) => part !== '').join('/')

/** The file that holds the bytes of a digest. */
export function dataPath(place: RepairPlace, digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':')
  return inLayout(place, ['blobs', algorithm, hex.slice(0, 2), hex, 'data'].join('/'))
}
