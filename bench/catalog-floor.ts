import { createHash } from 'node:crypto'
import { Agent } from 'undici'

// The floor of a whole registry: what a verification of its catalog at depth `probe` asks for, asked as fast as undici can, and nothing
// else. It knows neither logins nor failures nor a second page, and prints nothing.
// Usage: node bench/catalog-floor.ts HOST

const [host = ''] = process.argv.slice(2)
const agent = new Agent({ connections: 16 })
const accept =
  'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json'

interface Manifest {
  manifests?: { digest: string }[]
  config?: { digest: string }
  layers?: { digest: string; size: number }[]
}

async function ask(method: 'GET' | 'HEAD', path: string, headers: Record<string, string> = {}) {
  const { statusCode, body } = await agent.request({
    ...{ origin: `http://${host}`, path: `/v2/${path}`, method, reset: false },
    headers: { accept, ...headers },
  })
  const bytes = Buffer.from(await body.arrayBuffer())
  if (statusCode > 299) throw new Error(`${method} ${path}: HTTP ${statusCode}`)
  return bytes
}

const list = async (path: string, field: 'repositories' | 'tags'): Promise<string[]> =>
  (JSON.parse((await ask('GET', `${path}?n=1000`)).toString()) as Record<typeof field, string[]>)[field]

async function manifest(repository: string, name: string): Promise<Manifest & { digest: string }> {
  const bytes = await ask('GET', `${repository}/manifests/${name}`)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  return { ...(JSON.parse(bytes.toString()) as Manifest), digest }
}

async function verify(repository: string): Promise<void> {
  const tags = await list(`${repository}/tags/list`, 'tags')
  const roots = await Promise.all(tags.map((tag) => manifest(repository, tag)))
  const listed = roots.flatMap(({ manifests = [] }) => manifests)
  const images = await Promise.all(listed.map(({ digest }) => manifest(repository, digest)))
  const configs = new Set(images.flatMap(({ config }) => (config ? [config.digest] : [])))
  const layers = new Map(
    images.flatMap(({ layers: own = [] }) => own.map(({ digest, size }) => [digest, size])),
  )
  await Promise.all([
    ...[...configs].map((digest) => ask('GET', `${repository}/blobs/${digest}`)),
    ...[...layers].map(([digest, size]) =>
      ask('GET', `${repository}/blobs/${digest}`, { range: `bytes=${Math.max(0, size - 512)}-${size - 1}` }),
    ),
    ...roots.map(async ({ digest }) => {
      await ask('HEAD', `${repository}/manifests/${digest}`)
      await ask('GET', `${repository}/manifests/${digest}`)
    }),
  ])
  await Promise.all(tags.map((tag) => ask('HEAD', `${repository}/manifests/${tag}`)))
}

const repositories = await list('_catalog', 'repositories')
// A few at a time, so that the requests do not wait in memory.
await Promise.all(
  Array.from({ length: 8 }, async () => {
    for (let next = repositories.shift(); next !== undefined; next = repositories.shift()) await verify(next)
  }),
)
await agent.destroy()
