import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { parseDigest } from '../../oci/digest.ts'
import type { PushRecord } from '../../settings/plan/plan.ts'
import type { Problem } from '../../settings/problem.ts'
import type { Settings } from '../../settings/schema.ts'
import { splitList } from '../../settings/texts.ts'

const build = z.object({
  'containerimage.digest': z.string().optional(),
  'image.name': z.string().optional(),
})

/** The artifact file of Drone's plugins (drone-plugin-lib, `docker/v1`). */
const artifact = z.object({
  data: z.object({
    images: z.array(z.object({ image: z.string(), digest: z.string().optional().catch(undefined) })),
  }),
})

/** These files are a few KiB; a larger file is something else. */
const maxBytes = 1024 * 1024

/**
 * Reads what the push step recorded: buildx's `--metadata-file` (`containerimage.digest` and `image.name`; bake writes one such
 * object per target), the artifact file of Drone's plugins, a digest file, and the tags of `tags_file`. `metadata_file` may be the JSON
 * itself, as the output `metadata` of docker/build-push-action. A configured file that cannot be used is a problem, never ignored.
 * `dotTags` is the path of the `.tags` file that build plugins read by default; it may be missing.
 */
export async function readPushRecord(
  settings: Settings,
  dotTags?: string,
): Promise<{ ok: true; value: PushRecord } | { ok: false; problems: Problem[] }> {
  const problems: Problem[] = []
  const record: PushRecord = { images: [] }
  if (settings.metadata_file !== undefined) {
    await readMetadata(settings.metadata_file, record, problems)
  }
  if (settings.artifact_file !== undefined) await readArtifact(settings.artifact_file, record, problems)
  if (settings.tags_file !== undefined) await readTags(settings.tags_file, record, problems)
  else if (dotTags !== undefined) await readDotTags(dotTags, record)
  if (settings.digest_file !== undefined) await readDigest(settings.digest_file, record, problems)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: record }
}

async function readMetadata(path: string, record: PushRecord, problems: Problem[]): Promise<void> {
  const isInline = path.trimStart().startsWith('{')
  const problem = (message: string) =>
    problems.push({ setting: 'metadata_file', ...(isInline ? {} : { value: path }), message })
  const content = isInline ? path : await readText(path, problem)
  if (content === undefined) return
  const builds = buildsIn(content)
  if (!builds) {
    problem('is not a metadata file of buildx (JSON with “containerimage.digest”)')
    return
  }
  const digests = [...new Set(builds.flatMap((one) => one['containerimage.digest'] ?? []))]
  if (digests.some((digest) => !parseDigest(digest)))
    problem('contains a containerimage.digest that is not a digest')
  // Several targets of a bake have one digest each, and the file does not say which tag each belongs to.
  else if (digests.length === 1 && digests[0])
    record.digest = { value: digests[0], from: isInline ? 'metadata_file' : `metadata_file ${path}` }
  record.images = builds.flatMap((one) =>
    (one['image.name'] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  )
}

async function readArtifact(path: string, record: PushRecord, problems: Problem[]): Promise<void> {
  const problem = (message: string) => problems.push({ setting: 'artifact_file', value: path, message })
  const content = await readText(path, problem)
  if (content === undefined) return
  const parsed = artifact.safeParse(jsonIn(content))
  if (!parsed.success) {
    problem('is not an artifact file of plugins/docker or plugins/kaniko (JSON with “data.images”)')
    return
  }
  const { images } = parsed.data.data
  const digests = [...new Set(images.flatMap(({ digest }) => digest || []))]
  if (digests.some((digest) => !parseDigest(digest))) problem('contains a digest that is not one')
  else if (digests.length === 1) addDigest(digests[0] ?? '', `artifact_file ${path}`, record, problem)
  if (record.images.length > 0) return
  record.images = images.map(({ image }) => image)
  record.imagesFrom = 'artifact_file'
}

async function readTags(path: string, record: PushRecord, problems: Problem[]): Promise<void> {
  const problem = (message: string) => problems.push({ setting: 'tags_file', value: path, message })
  const content = await readText(path, problem)
  if (content === undefined) return
  const tags = splitList(content)
  if (isBinary(content)) problem('is not a text file, but must contain tags separated by newlines or commas')
  else if (tags.length > 0) record.tags = tags
  else problem('contains no tag')
}

/** plugin-kaniko splits `.tags` at commas and line ends, plugin-docker-buildx at commas; both ignore a missing file. */
async function readDotTags(path: string, record: PushRecord): Promise<void> {
  const content = await readText(path, () => {})
  const tags = splitList(content ?? '')
  if (tags.length > 0) record.dotTags = tags
}

async function readDigest(path: string, record: PushRecord, problems: Problem[]): Promise<void> {
  const problem = (message: string) => problems.push({ setting: 'digest_file', value: path, message })
  const content = await readText(path, problem)
  if (content === undefined) return
  // kaniko writes the bare digest; some tools write name@digest.
  const digest = content.trim().split('@').at(-1) ?? ''
  if (!parseDigest(digest)) {
    problem('contains no digest like sha256:<64 hex digits>')
  } else addDigest(digest, `digest_file ${path}`, record, problem)
}

function addDigest(
  value: string,
  from: string,
  record: PushRecord,
  problem: (message: string) => void,
): void {
  if (record.digest && record.digest.value !== value)
    problem(`contains ${value}, but ${record.digest.from} contains ${record.digest.value}`)
  else record.digest ??= { value, from }
}

/** Whether this is no text: a control character, or a byte that is not UTF-8. */
const isBinary = (content: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(content)

async function readText(path: string, problem: (message: string) => void): Promise<string | undefined> {
  try {
    const content = await readFile(path, 'utf8')
    if (content.length <= maxBytes) return content
    problem('is larger than 1 MiB')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT') problem('does not exist; the build step must write it into the workspace')
    else problem(`cannot be read (${code})`)
  }
  return undefined
}

function buildsIn(content: string): z.infer<typeof build>[] | undefined {
  const json = jsonIn(content)
  const one = build.safeParse(json)
  if (one.success && one.data['containerimage.digest'] !== undefined) return [one.data]
  const many = z.record(z.string(), build.catch({})).safeParse(json)
  const found = many.success
    ? Object.values(many.data).filter((each) => each['containerimage.digest'] !== undefined)
    : []
  return found.length > 0 ? found : undefined
}

function jsonIn(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}
