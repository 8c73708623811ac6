import type {
  Inventory,
  LinkContent,
  StoredLink,
  StoredManifest,
} from '../../../src/facts/storage/inventory.ts'

/**
 * An inventory as plain values in a fixed order, with digests as text and without times: two that are equal so say the same of a storage.
 */
export function plainInventory(inventory: Inventory) {
  const { digests, blobs, manifests, repositories } = inventory
  const text = (digest: number | undefined) => (digest === undefined ? undefined : digests.text(digest))
  const content = (link: LinkContent | undefined) =>
    link?.state === 'digest' ? { state: 'digest', target: text(link.target) } : link
  const link = ({ path, content: what }: StoredLink) => ({ path: text(path), content: content(what) })
  const manifest = (stored: StoredManifest) =>
    stored.state !== 'parsed'
      ? stored
      : {
          ...stored.document,
          subject: text(stored.document.subject),
          references: stored.document.references.map((one) => ({ ...one, digest: text(one.digest) })),
        }
  return {
    hasBlobs: inventory.hasBlobs,
    hasRepositories: inventory.hasRepositories,
    isCache: inventory.isCache,
    underscoreFiles: inventory.underscoreFiles.toSorted(),
    strays: inOrder(inventory.strays.map((stray) => ({ ...stray, digest: text(stray.digest) }))),
    blobs: inOrder([...blobs.all()].map((digest) => [text(digest), blobs.size(digest)])),
    manifests: inOrder([...manifests].map(([digest, stored]) => [text(digest), manifest(stored)])),
    repositories: inOrder(
      // A bucket has no empty folders.
      repositories.map(({ emptyRevisions: _, revisions, tags, layers, uploads, ...rest }) => ({
        ...rest,
        tagFiles: rest.tagFiles.toSorted(),
        revisions: inOrder(revisions.map(link)),
        layers: inOrder([...layers.others.map(link), ...[...layers.equal].map(text)]),
        tags: inOrder(
          tags.map(({ name, current, history }) => ({
            name,
            current: content(current),
            history: history.map(({ digest }) => text(digest)).toSorted(),
          })),
        ),
        uploads: inOrder(
          uploads.map(({ id, size, startedAt }) => ({ id, size, hasStart: startedAt !== undefined })),
        ),
      })),
    ),
  }
}

const inOrder = <T>(items: T[]): T[] =>
  items
    .map((item) => [JSON.stringify(item), item] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, item]) => item)
