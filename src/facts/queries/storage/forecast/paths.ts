/** The path of the folder of a digest below `_layers`, `_manifests/revisions` or `index`. */
const digestFolder = (digest: string): string => digest.replace(':', '/')

/** Paths in the layout, relative to its root (`docker/registry/v2`). */
export const repositoryPath = (name: string): string => `repositories/${name}`
export const tagPath = (name: string, tag: string): string => `${repositoryPath(name)}/_manifests/tags/${tag}`
export const revisionLinkPath = (name: string, digest: string): string =>
  `${repositoryPath(name)}/_manifests/revisions/${digestFolder(digest)}/link`
export const layerLinkPath = (name: string, digest: string): string =>
  `${repositoryPath(name)}/_layers/${digestFolder(digest)}/link`
export const blobPath = (digest: string): string => {
  const [algorithm = '', encoded = ''] = digest.split(':')
  return `blobs/${algorithm}/${encoded.slice(0, 2)}/${encoded}/data`
}
