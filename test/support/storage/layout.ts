import { join } from 'node:path'

/** The files of a repository in the storage of a registry, as storage/paths.go of distribution names them. */
export const layoutOf = (root: string) => {
  const base = join(root, 'docker/registry/v2')
  const manifests = (repository: string) => join(base, 'repositories', repository, '_manifests')
  return {
    data: (digest: string) => {
      const [algorithm = '', hex = ''] = digest.split(':')
      return join(base, 'blobs', algorithm, hex.slice(0, 2), hex, 'data')
    },
    revisionLink: (repository: string, digest: string) =>
      join(manifests(repository), 'revisions', digest.replace(':', '/'), 'link'),
    layerLink: (repository: string, digest: string) =>
      join(base, 'repositories', repository, '_layers', digest.replace(':', '/'), 'link'),
    tagLink: (repository: string, tag: string) => join(manifests(repository), 'tags', tag, 'current/link'),
  }
}
