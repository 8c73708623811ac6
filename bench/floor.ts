import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent } from 'undici'

// The floor: what a verification at depth `probe` has to ask a registry for, asked as fast as undici can, and nothing else. It knows
// neither logins nor failures, and prints nothing.
// Usage: node bench/floor.ts URL REPOSITORY TAG h1|h2 [CA-FILE]

const [url = '', repository = '', tag = '', protocol = 'h2', authorities] = process.argv.slice(2)
const isHttp2 = protocol === 'h2'
const agent = new Agent({
  allowH2: isHttp2,
  connections: isHttp2 ? 1 : 16,
  ...(authorities === undefined ? {} : { connect: { ca: readFileSync(authorities) } }),
})

const accept =
  'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json'

interface Manifest {
  manifests?: { digest: string }[]
  config?: { digest: string }
  layers?: { digest: string; size: number }[]
}

async function ask(method: 'GET' | 'HEAD', path: string, headers: Record<string, string> = {}) {
  const { statusCode, body } = await agent.request({
    ...{ origin: url, path: `/v2/${repository}/${path}`, method },
    headers: { accept, ...headers },
  })
  const bytes = Buffer.from(await body.arrayBuffer())
  if (statusCode > 299) throw new Error(`${method} ${path}: HTTP ${statusCode}`)
  return bytes
}

async function manifest(name: string): Promise<Manifest & { digest: string }> {
  const bytes = await ask('GET', `manifests/${name}`)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  return { digest, ...(JSON.parse(bytes.toString()) as Manifest) }
}

const root = await manifest(tag)
const children = await Promise.all((root.manifests ?? []).map(({ digest }) => manifest(digest)))
const images = children.length > 0 ? children : [root]
const layers = new Map(images.flatMap(({ layers = [] }) => layers.map(({ digest, size }) => [digest, size])))
const configs = new Set(images.flatMap(({ config }) => (config ? [config.digest] : [])))
const largest = [...layers].reduce((most, one) => (one[1] > most[1] ? one : most))
const lastByte = ([digest, size]: [string, number]) =>
  ask('GET', `blobs/${digest}`, digest === largest[0] ? {} : { range: `bytes=${size - 1}-${size - 1}` })
await Promise.all([
  ...[...configs].map((digest) => ask('GET', `blobs/${digest}`)),
  ...[...layers].map(lastByte),
  ask('HEAD', `manifests/${root.digest}`).then(() => ask('GET', `manifests/${root.digest}`)),
])
await ask('HEAD', `manifests/${tag}`)
await agent.destroy()
