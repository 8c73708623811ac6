import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPushRecord } from '../../../src/observe/files/push-record.ts'
import { readSettings } from '../../../src/settings/read.ts'

const digest = `sha256:${'a'.repeat(64)}`
const other = `sha256:${'b'.repeat(64)}`
let directory: string
let files = 0

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'regguard-record-'))
  await mkdir(join(directory, 'folder'))
})
afterAll(() => rm(directory, { recursive: true }))

async function file(content: string | object): Promise<string> {
  files += 1
  const path = join(directory, `file-${files}`)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

async function read(
  paths: Partial<Record<'metadata_file' | 'digest_file' | 'artifact_file' | 'tags_file', string>>,
) {
  const settings = readSettings({}, new Map(Object.entries(paths)))
  if (!settings.ok) throw new Error(JSON.stringify(settings.problems))
  return readPushRecord(settings.value)
}

/** The problems as `setting: message`. */
async function problemsOf(paths: Parameters<typeof read>[0]): Promise<string[]> {
  const record = await read(paths)
  return record.ok ? [] : record.problems.map(({ setting, message }) => `${setting}: ${message}`)
}

const buildx = {
  'buildx.build.provenance': { buildType: 'https://mobyproject.org/buildkit@v1' },
  'containerimage.descriptor': { mediaType: 'application/vnd.oci.image.index.v1+json', digest, size: 856 },
  'containerimage.digest': digest,
  'image.name': 'registry.test/app:1, registry.test/app:latest',
}
const images = ['registry.test/app:1', 'registry.test/app:latest']

describe('without files', () => {
  test('the record is empty', async () => {
    expect(await read({})).toEqual({ ok: true, value: { images: [] } })
  })
})

describe('a metadata file', () => {
  test('of buildx has digest and names', async () => {
    const path = await file(buildx)
    const expected = { digest: { value: digest, from: `metadata_file ${path}` }, images }
    expect(await read({ metadata_file: path })).toEqual({ ok: true, value: expected })
  })

  test('without names has the digest', async () => {
    const path = await file({ 'containerimage.digest': digest })
    expect(await read({ metadata_file: path })).toMatchObject({
      value: { digest: { value: digest }, images: [] },
    })
  })

  test('of bake with one target has its digest and names', async () => {
    const path = await file({ 'buildx.build.warnings': [{ level: 1 }], app: buildx })
    expect(await read({ metadata_file: path })).toMatchObject({
      ok: true,
      value: { digest: { value: digest }, images },
    })
  })

  test('of bake with several targets has all names, and no digest', async () => {
    const lib = { 'containerimage.digest': other, 'image.name': 'registry.test/lib:1' }
    const path = await file({ app: buildx, lib })
    expect(await read({ metadata_file: path })).toEqual({
      ok: true,
      value: { images: [...images, 'registry.test/lib:1'] },
    })
  })

  test('of bake whose targets have one digest has that digest', async () => {
    const path = await file({ app: buildx, again: { 'containerimage.digest': digest } })
    expect(await read({ metadata_file: path })).toMatchObject({ value: { digest: { value: digest } } })
  })

  test.each<[string, string | object]>([
    ['text that is not JSON', 'hello'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '7'],
    ['an object without a digest', { 'image.name': 'registry.test/app:1' }],
    ['a digest that is a number', { 'containerimage.digest': 7 }],
  ])('with %s is not a metadata file', async (_, content) => {
    expect(await problemsOf({ metadata_file: await file(content) })).toEqual([
      expect.stringMatching(/^metadata_file: is not a metadata file of buildx/),
    ])
  })

  test('with an invalid digest is a problem', async () => {
    const path = await file({ 'containerimage.digest': 'sha256:short' })
    expect(await problemsOf({ metadata_file: path })).toEqual([
      'metadata_file: contains a containerimage.digest that is not a digest',
    ])
  })
})

describe('a digest file', () => {
  test.each([
    ['kaniko', digest],
    ['kaniko, with a line end', `${digest}\n`],
    ['a tool that writes the name before it', `registry.test/app@${digest}\n`],
    ['Windows', `${digest}\r\n`],
  ])('of %s has the digest', async (_, content) => {
    const path = await file(content)
    expect(await read({ digest_file: path })).toEqual({
      ok: true,
      value: { digest: { value: digest, from: `digest_file ${path}` }, images: [] },
    })
  })

  test.each(['', '\n', 'sha256:short', `${digest} ${other}`, '<html>', digest.toUpperCase()])(
    'with %j is a problem',
    async (content) => {
      expect(await problemsOf({ digest_file: await file(content) })).toEqual([
        'digest_file: contains no digest like sha256:<64 hex digits>',
      ])
    },
  )
})

describe.each(['metadata_file', 'digest_file'])('a %s that cannot be used is a problem:', (setting) => {
  test('missing', async () => {
    expect(await problemsOf({ [setting]: join(directory, 'none') })).toEqual([
      `${setting}: does not exist; the build step must write it into the workspace`,
    ])
  })

  test('a directory', async () => {
    expect(await problemsOf({ [setting]: join(directory, 'folder') })).toEqual([
      `${setting}: cannot be read (EISDIR)`,
    ])
  })

  test('over 1 MiB', async () => {
    const path = await file('x'.repeat(1024 * 1024 + 1))
    expect(await problemsOf({ [setting]: path })).toEqual([`${setting}: is larger than 1 MiB`])
  })
})

describe('a file of tags', () => {
  const settings = (given: Record<string, string>) => {
    const read = readSettings({}, new Map(Object.entries(given)))
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    return read.value
  }

  test.each([
    ['has one tag per line, as for plugin-docker-buildx', '1.2\n latest \n\n', ['1.2', 'latest']],
    [
      'has tags separated by commas, as plugin-kaniko writes it',
      '1,1.2,1.2.3,latest\n',
      ['1', '1.2', '1.2.3', 'latest'],
    ],
    ['may mix both', '1, 1.2\nlatest', ['1', '1.2', 'latest']],
    ['may have Windows line ends', '1.2\r\nlatest\r\n', ['1.2', 'latest']],
  ])('%s', async (_what, content, tags) => {
    const path = await file(content)
    expect(await readPushRecord(settings({ tags_file: path }))).toEqual({
      ok: true,
      value: { images: [], tags },
    })
    expect(await readPushRecord(settings({}), path)).toEqual({
      ok: true,
      value: { images: [], dotTags: tags },
    })
  })

  test('of the setting must contain a tag', async () => {
    const record = await readPushRecord(settings({ tags_file: await file('\n, ,\n') }))
    expect(record).toMatchObject({
      ok: false,
      problems: [{ setting: 'tags_file', message: 'contains no tag' }],
    })
  })

  test('.tags may be missing, empty or a directory', async () => {
    for (const path of [join(directory, 'none'), await file(''), join(directory, 'folder')]) {
      expect(await readPushRecord(settings({}), path)).toEqual({ ok: true, value: { images: [] } })
    }
  })

  test('of the setting is read instead of .tags', async () => {
    const [configured, dotTags] = [await file('a'), await file('b')]
    expect(await readPushRecord(settings({ tags_file: configured }), dotTags)).toEqual({
      ok: true,
      value: { images: [], tags: ['a'] },
    })
  })
})

describe('both files', () => {
  test('that agree have one digest', async () => {
    const paths = { metadata_file: await file(buildx), digest_file: await file(digest) }
    expect(await read(paths)).toMatchObject({
      value: { digest: { value: digest, from: `metadata_file ${paths.metadata_file}` } },
    })
  })

  test('that disagree are a problem with both digests', async () => {
    const paths = { metadata_file: await file(buildx), digest_file: await file(other) }
    expect(await problemsOf(paths)).toEqual([
      `digest_file: contains ${other}, but metadata_file ${paths.metadata_file} contains ${digest}`,
    ])
  })

  test('that are both unusable are two problems', async () => {
    const gone = join(directory, 'none')
    expect(await problemsOf({ metadata_file: gone, digest_file: gone })).toHaveLength(2)
  })
})

describe('metadata_file as the JSON itself', () => {
  test('gives the digest and the images', async () => {
    expect(await read({ metadata_file: JSON.stringify(buildx) })).toEqual({
      ok: true,
      value: { images, digest: { value: digest, from: 'metadata_file' } },
    })
  })

  test('that has no digest is a problem that does not repeat it', async () => {
    const record = await read({ metadata_file: '{"image.name":"x"}' })
    expect(record).toEqual({
      ok: false,
      problems: [
        { setting: 'metadata_file', message: expect.stringMatching(/^is not a metadata file of buildx/) },
      ],
    })
  })
})

describe('artifact_file', () => {
  const artifact = (given: object[]) => ({
    kind: 'docker/v1',
    data: { registryType: 'Docker', images: given },
  })

  test('gives the digest and the images', async () => {
    const path = await file(artifact(images.map((image) => ({ image, digest }))))
    expect(await read({ artifact_file: path })).toEqual({
      ok: true,
      value: {
        images,
        imagesFrom: 'artifact_file',
        digest: { value: digest, from: `artifact_file ${path}` },
      },
    })
  })

  test.each([
    ['another document', { images: [] }, /is not an artifact file of plugins\/docker or plugins\/kaniko/],
    [
      'a digest that is none',
      artifact([{ image: 'a', digest: 'sha256:1' }]),
      /contains a digest that is not one/,
    ],
  ])('%s is a problem', async (_what, content, message) => {
    expect(await problemsOf({ artifact_file: await file(content) })).toEqual([expect.stringMatching(message)])
  })

  test('that contradicts another file is a problem', async () => {
    const path = await file(artifact([{ image: 'a', digest: other }]))
    const problems = await problemsOf({ digest_file: await file(digest), artifact_file: path })
    expect(problems).toEqual([
      expect.stringContaining(`contains ${digest}, but artifact_file ${path} contains ${other}`),
    ])
  })
})

test('a tags_file that is no text is one problem', async () => {
  const path = await file(Buffer.from([0, 1, 2, 44, 200, 44, 7]).toString('latin1'))
  expect(await problemsOf({ tags_file: path })).toEqual([
    expect.stringMatching(/^tags_file: is not a text file/),
  ])
})
