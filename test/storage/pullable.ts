import { blobFolder, type Files, layerFolder, revisionFolder } from './files.ts'

/**
 * What can be pulled by tag, as `repository@digest of the tag@digest of the image`: what a registry of that version would serve from
 * the files. Written without the code of the forecast, which is compared with it.
 */
export function pullable(files: Files, version: '2.8' | '3'): Set<string> {
  const found = new Set<string>()
  const targetOf = (path: string): string | undefined => {
    const text = files.get(`${path}/link`)?.toString()
    return text !== undefined && text.length > 70 && files.get(`${blobFolder(text)}/data`) ? text : undefined
  }
  const manifestOf = (repository: string, digest: string): string | undefined =>
    files.get(`${revisionFolder(repository, digest)}/link`) || version === '3'
      ? targetOf(revisionFolder(repository, digest))
      : targetOf(layerFolder(repository, digest))
  const visit = (repository: string, digest: string, top: string, depth = 0) => {
    const target = manifestOf(repository, digest)
    // Links that name other digests can make a circle.
    if (target === undefined || depth > 5) return
    const text = usualKeys(files.get(`${blobFolder(target)}/data`)?.toString() ?? '')
    // The registry serves no manifest that it cannot parse.
    if (!text.includes('"schemaVersion":2') || text.includes('"size":"')) return
    let document: {
      mediaType?: string
      manifests?: { digest: string }[]
      config?: { digest: string }
      layers?: { digest: string }[]
    }
    try {
      document = JSON.parse(text)
    } catch {
      return
    }
    const { mediaType = '' } = document
    if (!/^(|.*\.manifest\.v[12]\+json|.*(index|list)\.v[12]\+json)$/.test(mediaType)) return
    if (document.manifests && !/manifest\.v[12]\+json$/.test(mediaType)) {
      for (const child of document.manifests) visit(repository, child.digest, top, depth + 1)
      return
    }
    const needed = [document.config, ...(document.layers ?? [])].flatMap((one) => (one ? [one.digest] : []))
    if (needed.length > 0 && needed.every((one) => targetOf(layerFolder(repository, one)) !== undefined))
      found.add(`${repository}@${top}@${digest}`)
  }
  for (const [path, content] of files) {
    const [, repository] = /^repositories\/(.*)\/_manifests\/tags\/[^/]+\/current\/link$/.exec(path) ?? []
    const digest = content?.toString() ?? ''
    if (repository !== undefined && /^sha(256|512):[0-9a-f]+$/.test(digest)) visit(repository, digest, digest)
  }
  return found
}

const names = ['schemaVersion', 'mediaType', 'manifests', 'config', 'layers', 'digest', 'size']

/** Go finds keys in any case, and null changes no text. */
const usualKeys = (text: string): string =>
  text
    .replace(/"([a-z\u017f]+)":/gi, (key, found: string) => {
      const name = names.find((one) => one.toLowerCase() === found.toLowerCase().replace('\u017f', 's'))
      return name === undefined ? key : `"${name}":`
    })
    .replaceAll(',"mediaType":null', '')
