import type { Blob, Content, ManifestContent } from './images/image-content.ts'

/** The content of a registry. Nothing is validated, so that tests can store invalid content. */
export type Store = {
  putBlob(repository: string, blob: Blob): void
  putManifest(repository: string, manifest: ManifestContent, tag?: string): void
  /** Stores all contents; the tag refers to the last manifest. */
  push(repository: string, contents: Content[], tag?: string): void
  tag(repository: string, tag: string, digest: string): void
  untag(repository: string, tag: string): void
  /** Removes a blob or a manifest from one repository, but not the tags and indexes that refer to it. */
  remove(repository: string, digest: string): void
  /** Creates an empty repository. */
  create(repository: string): void
  repositories(): string[]
  /** Tags in the order they were created; undefined for an unknown repository. */
  tags(repository: string): string[] | undefined
  blob(repository: string, digest: string): Content | undefined
  manifest(repository: string, reference: string): ManifestContent | undefined
  manifests(repository: string): ManifestContent[]
}

type Repository = {
  blobs: Map<string, Blob>
  manifests: Map<string, ManifestContent>
  tags: Map<string, string>
}

/** Creates an empty store. */
export function createStore(): Store {
  const repositories = new Map<string, Repository>()

  function open(name: string): Repository {
    const known = repositories.get(name)
    if (known) return known
    const fresh: Repository = { blobs: new Map(), manifests: new Map(), tags: new Map() }
    repositories.set(name, fresh)
    return fresh
  }

  const store: Store = {
    putBlob(repository, blob) {
      open(repository).blobs.set(blob.digest, blob)
    },
    putManifest(repository, manifest, tag) {
      open(repository).manifests.set(manifest.digest, manifest)
      if (tag !== undefined) store.tag(repository, tag, manifest.digest)
    },
    push(repository, contents, tag) {
      for (const content of contents) {
        if (content.kind === 'blob') store.putBlob(repository, content)
        else store.putManifest(repository, content)
      }
      const top = contents.findLast(({ kind }) => kind === 'manifest')
      if (tag === undefined) return
      if (top === undefined) throw new Error(`No manifest in this push to tag as ${tag}`)
      store.tag(repository, tag, top.digest)
    },
    tag: (repository, tag, digest) => void open(repository).tags.set(tag, digest),
    untag: (repository, tag) => void open(repository).tags.delete(tag),
    remove(repository, digest) {
      open(repository).blobs.delete(digest)
      open(repository).manifests.delete(digest)
    },
    create: (repository) => void open(repository),
    repositories: () => [...repositories.keys()].sort(),
    tags: (repository) => {
      const known = repositories.get(repository)
      return known && [...known.tags.keys()]
    },
    // Registries serve manifests under /blobs/ as well.
    blob: (repository, digest) => {
      const known = repositories.get(repository)
      return known?.blobs.get(digest) ?? known?.manifests.get(digest)
    },
    manifest: (repository, reference) => {
      const known = repositories.get(repository)
      return known?.manifests.get(known.tags.get(reference) ?? reference)
    },
    manifests: (repository) => [...(repositories.get(repository)?.manifests.values() ?? [])],
  }
  return store
}
