import { describe, expect, test } from 'vitest'
import { collect } from '../../../../src/facts/queries/storage/forecast/collect.ts'
import { createDryRunReader } from '../../../../src/facts/queries/storage/forecast/dry-run.ts'
import { forecastOf, forecastRun } from '../../../../src/facts/queries/storage/forecast/forecast.ts'
import { forecastSchema } from '../../../../src/facts/storage/forecast.ts'
import { digestOf } from '../../../storage/files.ts'
import { makeInventory } from '../../../support/storage/forecast-inventory.ts'

const old = { version: '2.8', deleteUntagged: true } as const
const recent = { version: '3', deleteUntagged: true } as const

/** Incident A: a tag on an index whose children have no tag of their own. */
function incident() {
  const made = makeInventory()
  const children = ['amd64', 'arm64'].map(made.image)
  const index = made.index('index', children)
  made.repository('infra/ci', [index, ...children], { latest: index })
  return { ...made, children, index }
}

describe('an index whose children have no tag', () => {
  test('breaks under 2.8 with --delete-untagged, platform by platform', () => {
    const { breaks, freed, removed } = forecastRun(incident().inventory, old, 'expected')
    expect(breaks.total).toBe(1)
    const [image] = breaks.first
    expect(image).toMatchObject({ repository: 'infra/ci', tags: { first: ['latest'] }, of: 2 })
    expect(
      image?.platforms.first.map(({ platform, reason, manifest, config, layers }) => [
        platform,
        reason,
        manifest,
        config,
        layers,
      ]),
    ).toEqual([
      ['linux/amd64', 'untagged-child', true, true, 1],
      ['linux/arm64', 'untagged-child', true, true, 1],
    ])
    // The manifests of the children stay as data, without a link.
    expect(freed).toMatchObject({
      blobs: 4,
      bytes: 400,
      byRepository: { first: [{ repository: 'infra/ci', blobs: 4 }] },
    })
    expect(removed.revisions).toBe(2)
  })

  test.each([
    { version: '2.8', deleteUntagged: false },
    { version: '3', deleteUntagged: false },
    recent,
  ] as const)('stays whole under $version, delete untagged: $deleteUntagged', (options) => {
    const run = forecastRun(incident().inventory, options, 'expected')
    expect([run.breaks.total, run.freed.blobs, run.removed.revisions]).toEqual([0, 0, 0])
  })
})

describe('an index that two repositories share, one of which lacks the link of its child', () => {
  const shared = (broken: string, whole: string, driver?: 's3') => {
    const { inventory, image, index, repository } = makeInventory(driver)
    const child = image('child')
    const top = index('index', [child])
    repository(broken, [top], { latest: top })
    repository(whole, [top, child], { latest: top })
    return forecastRun(inventory, recent, 'expected')
  }

  test('breaks in the other repository where the collection comes to it later', () => {
    const { breaks } = shared('a', 'b')
    expect(breaks.first.map(({ repository }) => repository)).toEqual(['b'])
    expect(breaks.first[0]?.platforms.first[0]).toMatchObject({
      reason: 'shared',
      other: 'a',
      manifest: false,
      config: true,
    })
  })

  test('stays whole where it comes to the whole one first', () => {
    expect(shared('b', 'a').breaks.total).toBe(0)
  })

  test('depends on the order of the keys on S3, where a-b is before a', () => {
    expect(shared('a', 'a-b').breaks.total).toBe(1)
    expect(shared('a', 'a-b', 's3').breaks.total).toBe(0)
    expect(shared('a-b', 'a').breaks.total).toBe(0)
    expect(shared('a-b', 'a', 's3').breaks.total).toBe(1)
  })
})

describe('what differs on S3', () => {
  test('a repository without _layers stops version 3 on a disk only', () => {
    for (const [driver, aborts] of [
      ['filesystem', 1],
      ['s3', 0],
    ] as const) {
      const { inventory, image, repository } = makeInventory(driver)
      repository('a', [image('one')], {}).hasLayers = false
      expect(collect(inventory, { version: '3', deleteUntagged: false }).aborts).toHaveLength(aborts)
    }
  })

  test('a file among the tags stops --delete-untagged on a disk only', () => {
    for (const [driver, aborts] of [
      ['filesystem', 1],
      ['s3', 0],
    ] as const) {
      const { inventory, image, repository } = makeInventory(driver)
      repository('a', [image('one')], { latest: image('one') }).tagFiles.push('.DS_Store')
      expect(collect(inventory, old).aborts).toHaveLength(aborts)
    }
  })

  test('version 3 takes absent folders for empty ones', () => {
    const { inventory } = makeInventory('s3')
    Object.assign(inventory, { hasBlobs: false, hasRepositories: false })
    expect(collect(inventory, recent).aborts).toEqual([])
    expect(collect(inventory, old).aborts).toHaveLength(2)
  })
})

test('revisions without a folder of tags lose their blobs and keep their links under version 3', () => {
  const { inventory, image, repository } = makeInventory()
  repository('staging', [image('one'), image('two')]).hasTags = false
  const run = forecastRun(inventory, recent, 'expected')
  expect(run.emptied).toEqual({ first: [{ repository: 'staging', images: 2 }], total: 1 })
  expect([run.removed.revisions, run.freed.blobs]).toEqual([0, 6])
  expect(forecastRun(inventory, old, 'expected').aborts.first.map(({ kind }) => kind)).toEqual(['no-tags'])
})

test('an image whose link is gone loses its last chance of repair, without any flag', () => {
  const { inventory, image, index, repository } = makeInventory()
  const child = image('child')
  const top = index('index', [child])
  repository('app', [top], { latest: top })
  const { breaks, losesRepair } = forecastRun(inventory, { version: '3', deleteUntagged: false }, 'expected')
  expect(breaks.total).toBe(0)
  expect(losesRepair.first[0]?.platforms.first).toMatchObject([
    { reason: 'link', whole: true, config: true, layers: 1 },
  ])
})

test('an untagged referrer of an image that stays is lost with --delete-untagged', () => {
  const { inventory, image, repository } = makeInventory()
  const app = image('app')
  repository('app', [app, image('sbom', app)], { latest: app })
  expect(forecastRun(inventory, recent, 'expected').referrers.first).toMatchObject([
    { repository: 'app', count: 1, types: ['application/vnd.example.sbom'] },
  ])
  expect(forecastRun(inventory, { ...recent, deleteUntagged: false }, 'expected').referrers.total).toBe(0)
})

test('a file whose name begins with _ hides the repositories behind it from version 2', () => {
  const { inventory, image, repository } = makeInventory()
  for (const name of ['a', 'b/one', 'z']) repository(name, [image(name)], { latest: image(name) })
  inventory.underscoreFiles = ['b/_notes']
  const run = forecastRun(inventory, { version: '2.8', deleteUntagged: false }, 'expected')
  expect(run.unseen.first).toEqual([{ repository: 'b/one', why: 'file' }])
  expect(run.breaks.first.map(({ repository: name }) => name)).toEqual(['b/one'])
})

describe('the forecast of all that is not ruled out', () => {
  test.each([
    [{}, ['2.8 false expected', '2.8 true possible', '3 false expected', '3 true possible']],
    [{ version: '3' }, ['3 false expected', '3 true possible']],
    [{ version: '2.8', deleteUntagged: true }, ['2.8 false comparison', '2.8 true expected']],
    [{ deleteUntagged: false }, ['2.8 false expected', '3 false expected']],
  ] as const)('%o', (known, runs) => {
    const forecast = forecastSchema.parse(forecastOf(incident().inventory, known))
    expect(
      forecast.runs.map(
        ({ version, deleteUntagged, likelihood }) => `${version} ${deleteUntagged} ${likelihood}`,
      ),
    ).toEqual(runs)
  })
})

describe('the text of a dry run', () => {
  const text = (
    { children, inventory }: ReturnType<typeof incident>,
    change: (lines: string[]) => string[],
  ) => {
    const digest = (id: number) => inventory.digests.text(id)
    const lines = [
      'infra/ci',
      ...children.map((id) => `manifest eligible for deletion: ${digest(id)}`),
      '5 blobs marked, 4 blobs and 2 manifests eligible for deletion',
      ...['amd64', 'arm64'].flatMap((name) =>
        ['config', 'layer'].map((role) => `blob eligible for deletion: ${digestOf(`${role} of ${name}`)}`),
      ),
    ]
    const reader = createDryRunReader(inventory)
    for (const line of change(lines)) reader.add(line)
    return reader.compare({})
  }

  test('agrees with the forecast of the version and flag that it was run with', () => {
    expect(text(incident(), (lines) => lines)).toMatchObject({
      ...{ state: 'compared', version: '2.8', deleteUntagged: true, same: 6 },
      ...{ onlyDryRun: { total: 0 }, onlyForecast: { total: 0 } },
    })
  })

  test('differs where the storage has changed since', () => {
    const other = `blob eligible for deletion: ${digestOf('gone since')}`
    expect(text(incident(), (lines) => [...lines.slice(0, -1), other])).toMatchObject({
      onlyDryRun: { first: [`blob ${digestOf('gone since')}`], total: 1 },
      onlyForecast: { total: 1 },
    })
  })

  test('is read with what a log puts before its lines', () => {
    expect(text(incident(), (lines) => lines.map((line) => `registry-1  | ${line}`))).toMatchObject({
      same: 6,
    })
  })

  test.each([
    [
      'that stopped',
      ['failed to garbage collect: failed to mark: invalid checksum digest format'],
      /stopped: failed to garbage collect/,
    ],
    ['that is none', ['hello'], /has no line/],
    ['that is empty', [], /has no line/],
  ])('cannot be used: one %s', (_, lines, why) => {
    expect(text(incident(), () => lines)).toEqual({ state: 'unusable', why: expect.stringMatching(why) })
  })
})

test('an image whose tag has lost its link loses what a repair needs, and does not break', () => {
  for (const current of [undefined, { state: 'empty' as const }]) {
    const { inventory, index } = incident()
    const [tag] = inventory.repositories[0]?.tags ?? []
    Object.assign(tag ?? {}, { current, history: [{ digest: index, at: 0 }] })
    const { breaks, losesRepair } = forecastRun(inventory, old, 'expected')
    expect([breaks.total, losesRepair.total]).toEqual([0, 1])
    expect(losesRepair.first[0]).toMatchObject({ tags: { first: ['latest'] }, platforms: { total: 2 } })
  }
})

describe('a pull-through cache', () => {
  /** An index that breaks, one that has lost a link, and a repository without tags that is emptied or not seen. */
  const harmed = (isCache: boolean) => {
    const made = makeInventory()
    const child = made.image('child')
    const top = made.index('index', [child])
    made.repository('app', [top, child], { latest: top })
    const lost = made.index('index of a lost link', [made.image('lost')])
    made.repository('lost', [lost], { latest: lost })
    Object.assign(made.repository('untagged', [made.image('untagged')]), { hasTags: false })
    made.repository('_hidden/app', [made.image('hidden')])
    made.inventory.isCache = isCache
    return made.inventory
  }
  const totals = (isCache: boolean) =>
    [old, recent].map((options) => {
      const { breaks, losesRepair, emptied, unseen } = forecastRun(harmed(isCache), options, 'expected')
      return [breaks, losesRepair, emptied, unseen].map(({ total }) => total > 0)
    })

  test('loses nothing that it does not fetch again', () => {
    const [first = [], second = []] = totals(false)
    expect(first.map((is, at) => is || second[at])).toEqual([true, true, true, true])
    expect(totals(true).flat()).toEqual(Array(8).fill(false))
  })

  test('is still stopped by what stops a collection, and still frees what it frees', () => {
    const { inventory } = incident()
    inventory.isCache = true
    inventory.strays.push({ path: 'blobs/a/data', kind: 'data-path' })
    const { aborts, freed } = forecastRun(inventory, old, 'expected')
    expect([aborts.total > 0, freed.blobs]).toEqual([true, 4])
  })
})
