import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Content, contentsOf, image } from '../../../src/fake-registry/images/images.ts'

/** A storage written by hand, as a registry would have written it. */
export type MadeRoot = {
  /** What `storage` names. */
  root: string
  /** The folder of the layout. */
  base: string
  /** Writes contents as a push does, and tags the last manifest. */
  push(repository: string, contents: Content[], tag?: string): Promise<void>
  /** Pushes an image of one platform. */
  pushImage(repository: string, tag: string, platform?: string): Promise<Content[]>
  /** Writes a file below the folder of the layout. */
  write(path: string, content: string | Uint8Array): Promise<void>
  remove(path: string): Promise<void>
  clear(): void
}

/** Where the data of a digest is, below the folder of the layout. */
export function dataOf(digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':')
  return `blobs/${algorithm}/${hex.slice(0, 2)}/${hex}/data`
}

/** Where the links of a repository are, below the folder of the layout. */
export const linksOf = (repository: string) => {
  const path = (digest: string) => digest.replace(':', '/')
  return {
    revision: (digest: string) => `repositories/${repository}/_manifests/revisions/${path(digest)}/link`,
    layer: (digest: string) => `repositories/${repository}/_layers/${path(digest)}/link`,
    tag: (tag: string) => `repositories/${repository}/_manifests/tags/${tag}/current/link`,
    history: (tag: string, digest: string) =>
      `repositories/${repository}/_manifests/tags/${tag}/index/${path(digest)}/link`,
  }
}

/** Makes an empty folder for a storage. */
export function makeRoot(): MadeRoot {
  const root = mkdtempSync(join(tmpdir(), 'regguard-made-root-'))
  const base = join(root, 'docker/registry/v2')
  const write: MadeRoot['write'] = async (path, content) => {
    await mkdir(dirname(join(base, path)), { recursive: true })
    await writeFile(join(base, path), content)
  }
  const push: MadeRoot['push'] = async (repository, contents, tag) => {
    const links = linksOf(repository)
    const top = contents.findLast(({ kind }) => kind === 'manifest')
    for (const { digest, bytes, kind } of contents) {
      await write(dataOf(digest), bytes)
      await write(kind === 'manifest' ? links.revision(digest) : links.layer(digest), digest)
    }
    if (tag === undefined || !top) return
    await write(links.history(tag, top.digest), top.digest)
    await write(links.tag(tag), top.digest)
  }
  return {
    root,
    base,
    push,
    write,
    pushImage: async (repository, tag, platform = 'linux/amd64') => {
      const contents = contentsOf(image(platform))
      await push(repository, contents, tag)
      return contents
    },
    remove: (path) => rm(join(base, path), { recursive: true }),
    clear: () => rmSync(root, { recursive: true, force: true }),
  }
}
