import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { S3Location } from '../../src/settings/plan/s3-location.ts'
import { findGoClient, hasGo } from './go-programs.ts'
import { type Program, startProgram, statusOf } from './program.ts'
import { freePort } from './real-registry.ts'
import type { Config } from './real-registry-config.ts'
import { type Suite, suiteWithout } from './suite.ts'

const program = findGoClient('gofakes3')

/** A `describe` that needs an S3 server. */
export function suiteWithS3(suite: Suite): Suite {
  if (program !== undefined) return suite
  return suiteWithout('needs gofakes3, not found where .ci/run installs it', { mustRunInCi: hasGo })
}

/** An S3 server that keeps one bucket in memory. It takes any signature. */
export type S3Server = {
  endpoint: string
  bucket: string
  put(key: string, content: Buffer | string): Promise<void>
  remove(key: string): Promise<void>
  /** Begins a multipart upload, and leaves it. */
  beginMultipart(key: string): Promise<void>
  /** Puts all files below a folder into the bucket, below a prefix. */
  upload(folder: string, prefix: string): Promise<void>
  location(prefix: string): S3Location
  stop(): Promise<void>
}

export async function startS3Server(): Promise<S3Server> {
  if (program === undefined) throw new Error('gofakes3 is not installed')
  const bucket = 'images'
  const host = `127.0.0.1:${await freePort()}`
  const endpoint = `http://${host}`
  const running = await startProgram(
    [program, '-host', host, '-backend', 'memory', '-initialbucket', bucket],
    { ready: async () => (await statusOf(`${endpoint}/${bucket}`)) === 200 },
  )
  const send = async (method: string, key: string, body?: Buffer | string) => {
    const response = await fetch(`${endpoint}/${bucket}/${encodeURI(key)}`, {
      method,
      ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
    })
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`${method} ${key}: HTTP ${response.status}`)
  }
  return {
    endpoint,
    bucket,
    put: (key, content) => send('PUT', key, content),
    remove: (key) => send('DELETE', key),
    beginMultipart: (key) => send('POST', `${key}?uploads`, ''),
    upload: async (folder, prefix) => {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name)
        if (entry.isFile())
          await send('PUT', `${prefix}${path.slice(folder.length + 1)}`, await readFile(path))
      }
    },
    location: (prefix) => ({
      ...{ name: `s3://${bucket}/${prefix}`, bucket, prefix, region: 'us-east-1' },
      base: new URL(`${endpoint}/${bucket}/`),
      credentials: {
        accessKey: 'AKIAIOSFODNN7EXAMPLE',
        secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      },
    }),
    stop: () => running.stop(),
  }
}

/** A registry that keeps its data in a bucket, with the s3 driver of distribution. */
export type S3Registry = {
  host: string
  /** What the collection would do, as it prints it. */
  garbageCollect(...flags: string[]): Promise<{ exitCode: number | undefined; output: string }>
  stop(): Promise<void>
}

/** Writes the configuration of such a registry, and starts it if `serve` is set. */
export async function openS3Registry(
  registry: string,
  { endpoint, bucket }: S3Server,
  { rootdirectory, serve }: { rootdirectory: string; serve: boolean },
): Promise<S3Registry> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-s3-registry-'))
  const file = join(directory, 'config.yml')
  const host = `127.0.0.1:${await freePort()}`
  const s3 = {
    ...{ accesskey: 'AKIAIOSFODNN7EXAMPLE', secretkey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
    ...{
      region: 'us-east-1',
      regionendpoint: endpoint,
      bucket,
      rootdirectory,
      secure: false,
      forcepathstyle: true,
    },
  }
  const config: Config = {
    version: '0.1',
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { s3, delete: { enabled: true }, redirect: { disable: true } },
    http: { addr: host },
  }
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config))
  // Registry 3 sends traces to a collector on this machine unless told not to.
  const env = { OTEL_TRACES_EXPORTER: 'none' }
  let running: Program | undefined
  if (serve)
    running = await startProgram([registry, 'serve', file], {
      env,
      ready: async () => (await statusOf(`http://${host}/v2/`)) !== undefined,
    })
  return {
    host,
    garbageCollect: async (...flags) => {
      const done = await execa(registry, ['garbage-collect', ...flags, file], {
        all: true,
        env,
        reject: false,
      })
      return { exitCode: done.exitCode, output: done.all }
    },
    stop: async () => {
      await running?.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
