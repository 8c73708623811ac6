import type { StoredManifest } from '../../facts/storage/inventory.ts'

/** A function that replaces equal texts of manifests by one: a million descriptors name a handful of media types and platforms. */
export function sharedTexts(): (manifest: StoredManifest) => StoredManifest {
  const known = new Map<string, string>()
  const share = (text: string): string => {
    const found = known.get(text)
    if (found === undefined) known.set(text, text)
    return found ?? text
  }
  return (manifest) => {
    if (manifest.state !== 'parsed') return manifest
    const { document } = manifest
    document.mediaType = share(document.mediaType)
    document.artifactType = share(document.artifactType)
    for (const reference of document.references) {
      reference.mediaType = share(reference.mediaType)
      reference.platform = share(reference.platform)
    }
    return manifest
  }
}
