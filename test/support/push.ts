import type { Blob, Content, ManifestContent } from '../../src/fake-registry/images/images.ts'

/** Options of a push. */
export type PushOptions = {
  /** For the last manifest. */
  tag?: string
  credentials?: { user: string; password: string }
  /** Check with HEAD first and skip blobs that the registry reports as present, as every real client does. */
  skipExisting?: boolean
}

type Session = { base: string; headers: Record<string, string>; skipExisting: boolean }

/** Pushes contents in order to `http://host` or `host`. Returns the digests that were sent. */
export async function push(
  registry: string,
  repository: string,
  contents: Content[],
  options: PushOptions = {},
): Promise<string[]> {
  const session = sessionFor(registry, repository, options)
  const top = contents.findLast(({ kind }) => kind === 'manifest')
  const sent: string[] = []
  for (const content of contents) {
    if (content.kind === 'manifest') {
      await putManifest(session, content, content === top ? options.tag : undefined)
    } else if (!(await putBlob(session, content))) {
      continue
    }
    sent.push(content.digest)
  }
  return sent
}

function sessionFor(registry: string, repository: string, options: PushOptions): Session {
  const { credentials, skipExisting = false } = options
  const pair = credentials && Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')
  return {
    base: `${registry.includes('://') ? registry : `http://${registry}`}/v2/${repository}`,
    headers: pair ? { authorization: `Basic ${pair}` } : {},
    skipExisting,
  }
}

async function putBlob(session: Session, blob: Blob): Promise<boolean> {
  const { base, headers } = session
  if (session.skipExisting) {
    const head = await fetch(`${base}/blobs/${blob.digest}`, { method: 'HEAD', headers })
    if (head.ok) return false
  }
  const begun = await expectStatus(202, await fetch(`${base}/blobs/uploads/`, { method: 'POST', headers }))
  const location = new URL(begun.headers.get('location') ?? '', `${base}/`)
  location.searchParams.set('digest', blob.digest)
  await expectStatus(
    201,
    await fetch(location, {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(blob.bytes),
    }),
  )
  return true
}

async function putManifest(
  session: Session,
  manifest: ManifestContent,
  tag: string | undefined,
): Promise<void> {
  await expectStatus(
    201,
    await fetch(`${session.base}/manifests/${tag ?? manifest.digest}`, {
      method: 'PUT',
      headers: { ...session.headers, 'content-type': manifest.mediaType },
      body: new Uint8Array(manifest.bytes),
    }),
  )
}

async function expectStatus(status: number, response: Response): Promise<Response> {
  const text = await response.text()
  if (response.status === status) return response
  throw new Error(`Expected ${status}, got ${response.status} from ${response.url}: ${text.slice(0, 500)}`)
}
