import { createHash } from 'node:crypto'
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runCli } from '../test/support/run-cli.ts'

// Measures a scan: how long it takes for 200 repositories of 10 tags, and how much memory for many blobs, with those that tags need and
// with a million others. The time depends on what else the machine does, so its load is printed; processor time hardly does.
// Usage: node bench/storage.ts [BLOBS]

const layersOfTag = 5
const blobs = Number(process.argv[2] ?? 1_000_000)

const folder = mkdtempSync(join(tmpdir(), 'regguard-bench-'))
try {
  const tagged = join(folder, 'tagged')
  writeTags(tagged, { repositories: 200, tags: 10 })
  await measure('200 repositories of 10 tags', tagged)
  rmSync(tagged, { recursive: true })
  const large = join(folder, 'large')
  writeTags(large, { repositories: 10, tags: 10 })
  writeBlobs(large, blobs)
  await measure(`${blobs} sparse blobs that nothing names`, large)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function measure(what: string, root: string): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    const run = await runCli(['scan', root], { timeoutMs: 3_600_000, env: { PLUGIN_CHECKS: '' } })
    const memory = Math.round((run.peakRssKb ?? 0) / 1024)
    process.stdout.write(
      `${what}: ${(run.durationMs / 1000).toFixed(1)} s, ${run.cpuSeconds?.toFixed(1)} s of processor time, load ${loadavg()[0]?.toFixed(0)}, ${memory} MB, exit ${run.exitCode}\n`,
    )
    process.stdout.write(
      run.all
        .split('\n')
        .filter((line) => line.includes('storage '))
        .join('\n')
        .concat('\n'),
    )
  }
}

/** Writes tags as a registry does, each of its own image with layers that no other has. */
function writeTags(root: string, many: { repositories: number; tags: number }): void {
  for (let at = 0; at < many.repositories; at += 1) {
    const repository = `team${at % 20}/app${at}`
    for (let tag = 0; tag < many.tags; tag += 1) writeImage(root, repository, `1.${tag}`)
  }
}

function writeImage(root: string, repository: string, tag: string): void {
  const base = join(root, 'docker/registry/v2')
  const links = join(base, 'repositories', repository)
  const stored = (content: string) => {
    const hex = createHash('sha256').update(content).digest('hex')
    write(join(base, 'blobs/sha256', hex.slice(0, 2), hex, 'data'), content)
    return { digest: `sha256:${hex}`, size: content.length, path: `sha256/${hex}/link` }
  }
  const blobsOfImage = Array.from({ length: layersOfTag + 1 }, (_, at) =>
    stored(`${repository} ${tag} ${at}`),
  )
  for (const { digest, path } of blobsOfImage) write(join(links, '_layers', path), digest)
  const [config, ...layers] = blobsOfImage.map(({ digest, size }, at) => ({
    mediaType: `application/vnd.oci.image.${at === 0 ? 'config.v1+json' : 'layer.v1.tar+gzip'}`,
    ...{ digest, size },
  }))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const { digest, path } = stored(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }))
  write(join(links, '_manifests/revisions', path), digest)
  write(join(links, '_manifests/tags', tag, 'index', path), digest)
  write(join(links, '_manifests/tags', tag, 'current/link'), digest)
}

/** Writes data files of one MiB with made-up digests, none of whose bytes takes any room. */
function writeBlobs(root: string, count: number): void {
  for (let at = 0; at < count; at += 1) {
    const hex = createHash('sha256').update(`blob ${at}`).digest('hex')
    const folder = join(root, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex)
    mkdirSync(folder, { recursive: true })
    const file = openSync(join(folder, 'data'), 'w')
    ftruncateSync(file, 1024 * 1024)
    closeSync(file)
  }
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
