import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { image, type MultiPlatform, multiPlatform } from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { watchLines } from '../../src/outputs/watch-text.ts'
import { registryReport } from '../../src/report/watch.ts'
import { watchExitCode } from '../../src/report/watch-exit-code.ts'
import { type WatchKit, watchOf } from './kit.ts'

const hour = 3_600_000

let registry: EmbeddedRegistry
let app: MultiPlatform
beforeEach(async () => {
  registry = await startRegistry()
  app = multiPlatform({ seed: 'app' })
  pushApp('team/app')
})
afterEach(() => registry.close())

const pushApp = (name: string, tag = '1.0') => registry.store.push(name, app.contents, tag)
const unknownName = {
  status: 404,
  body: { errors: [{ code: 'NAME_UNKNOWN', message: 'repository name not known' }] },
}
const refused = { status: 403, body: { errors: [{ code: 'DENIED', message: 'no' }] } }
const reportOf = ({ state, clock }: WatchKit) =>
  registryReport(state, { accepted: [], reproveMs: 6 * hour, now: clock.at, docsUrl: undefined })
const tagsOf = ({ state }: WatchKit, name = 'team/app') => state.repositories.get(name)?.tags.size
const outcomeOf = ({ state }: WatchKit) => state.lastRun?.outcome

describe('what could not be inspected is named, and is no success', () => {
  beforeEach(() => pushApp('secret/app'))

  test('a repository whose tags may not be listed', async () => {
    registry.faults.add({ path: /secret\/app/ }, refused)
    const watch = watchOf(registry.host)
    await watch.run()
    expect(outcomeOf(watch)).toBe('partial')
    expect(reportOf(watch)).toMatchObject({
      ...{ status: 'partial', faults: [] },
      unseen: [
        {
          ...{ repository: 'secret/app', reason: 'access-denied', count: 1 },
          ...{ objects: ['secret/app/tags/list'], detail: expect.stringContaining('403') },
        },
      ],
    })
  })

  test('a tag, a manifest and a layer', async () => {
    const [first, second] = app.images
    const [layer] = second?.layers ?? []
    registry.store.push('other', [...app.contents], '2.0')
    registry.faults.add({ path: /other\/manifests\/2\.0/ }, refused)
    const manifest = first?.manifest.digest ?? ''
    registry.faults.add({ path: /secret/, digest: manifest }, refused)
    registry.faults.add({ path: /secret/, digest: layer?.digest ?? '' }, refused)
    const watch = watchOf(registry.host)
    await watch.run()
    const { status, unseen } = reportOf(watch)
    expect([status, unseen.flatMap(({ objects }) => objects).toSorted()]).toEqual([
      'partial',
      ['other:2.0', `secret/app@${layer?.digest}`, `secret/app@${manifest}`].toSorted(),
    ])
  })

  test('is partial beside a fault, too, and over when it can be seen', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    const denied = registry.faults.add({ path: /secret\/app/ }, refused)
    registry.store.remove('team/app', app.images[0]?.manifest.digest ?? '')
    await watch.run()
    const { status, unseen } = reportOf(watch)
    expect([status, new Set(unseen.map(({ repository }) => repository))]).toEqual([
      'findings',
      new Set(['secret/app']),
    ])
    denied.remove()
    pushApp('team/app')
    await watch.run()
    expect(reportOf(watch)).toMatchObject({ status: 'ok', unseen: [] })
  })
})

describe('nothing to inspect is no success', () => {
  test('an empty registry', async () => {
    registry.faults.add({ path: /_catalog/ }, { status: 200, body: { repositories: [] } })
    const watch = watchOf(registry.host)
    await watch.run()
    expect(reportOf(watch)).toMatchObject({
      ...{ status: 'unchecked', listed: true },
      why: `${registry.host}: its catalog is empty, so there is nothing to inspect`,
    })
    expect(watch.state.lastSuccess).toBeUndefined()
  })

  test('a pattern that matches no repository, or no tag', async () => {
    const [none, noTag] = [watchOf(registry.host, { repo: 'taem/*' }), watchOf(registry.host, { tags: 'v*' })]
    await none.run()
    await noTag.run()
    expect([reportOf(none).why, reportOf(noTag).why]).toEqual([
      `${registry.host}: none of its 1 repository matches repo`,
      `${registry.host}: none of its 1 repository has a tag that is watched`,
    ])
    expect([outcomeOf(none), outcomeOf(noTag)]).toEqual(['unchecked', 'unchecked'])
  })

  test('but a part of the repositories may be empty', async () => {
    for (const shard of ['0', '1', '2', '3']) {
      const watch = watchOf(registry.host, { shards: '4', shard })
      await watch.run()
      expect(outcomeOf(watch)).toBe('ok')
    }
  })
})

describe('a repository that is named in full and that the registry does not know', () => {
  const vanish = (name: string) =>
    registry.faults.add({ path: new RegExp(`/v2/${name}/(?:tags|manifests|blobs)/`) }, unknownName)
  const exitOf = (watch: WatchKit) =>
    watchExitCode({ registries: [reportOf(watch)] }, { locked: false, failOn: 'error' })
  const unknownRepository = (repository: string, detail: RegExp) => ({
    ...{ repository, reason: 'denied-or-missing', count: 1, objects: [`${repository}/tags/list`] },
    detail: expect.stringMatching(detail),
  })

  test('is unknown and named in each run, beside others that are well', async () => {
    const watch = watchOf(registry.host, { repo: 'team/app,team/typo' })
    for (let run = 0; run < 3; run += 1) {
      await watch.run()
      expect(reportOf(watch)).toMatchObject({
        ...{ status: 'partial', faults: [], repositories: 2, unknown: { 'denied-or-missing': 1 } },
        unseen: [unknownRepository('team/typo', /knows no repository of this name, which is in repo$/)],
      })
      expect([outcomeOf(watch), exitOf(watch)]).toEqual(['partial', 3])
    }
    const { registries } = { registries: [reportOf(watch)] }
    const text = watchLines(
      { ...{ version: 1, classes: [] }, tool: { name: 'regguard', version: '0' }, registries },
      3,
    )
    expect(text.join('\n')).toContain('team/typo/tags/list: it knows no repository of this name')
    pushApp('team/typo')
    await watch.run()
    expect([reportOf(watch).status, exitOf(watch)]).toEqual(['ok', 0])
  })

  test('is not inspected, where it is the only one', async () => {
    const watch = watchOf(registry.host, { repo: 'team/typo' })
    await watch.run()
    expect(reportOf(watch)).toMatchObject({
      ...{ status: 'unchecked', listed: false },
      why: expect.stringContaining('it knows no repository of this name'),
    })
    expect(watch.state.lastSuccess).toBeUndefined()
  })

  test('and had tags, vanished: all others are read, and it stays unknown until it is back', async () => {
    for (const name of ['a', 'b']) pushApp(name)
    const watch = watchOf(registry.host, { repo: 'a,b,team/app' })
    await watch.run()
    expect(outcomeOf(watch)).toBe('ok')
    const from = registry.requests.length
    const gone = vanish('a')
    await watch.run()
    expect(reportOf(watch)).toMatchObject({
      status: 'partial',
      unseen: [unknownRepository('a', /which is in repo, and had 1 tag before$/)],
    })
    const blobs = registry.requests.slice(from).filter(({ path }) => path.includes('/blobs/'))
    expect([blobs.length, blobs.filter(({ path }) => path.includes('/v2/a/'))]).toEqual([12, []])
    for (let run = 0; run < 3; run += 1) {
      await watch.run()
      expect([outcomeOf(watch), exitOf(watch), reportOf(watch).unseen.length]).toEqual(['partial', 3, 1])
    }
    gone.remove()
    await watch.run()
    expect([outcomeOf(watch), exitOf(watch), tagsOf(watch, 'a')]).toEqual(['ok', 0, 1])
  })

  test('as all others: nothing was inspected, in each run', async () => {
    pushApp('a')
    const watch = watchOf(registry.host, { repo: 'a,team/app' })
    await watch.run()
    vanish('(?:a|team/app)')
    for (let run = 0; run < 4; run += 1) {
      await watch.run()
      expect([reportOf(watch).status, exitOf(watch)]).toEqual(['unchecked', 3])
    }
  })

  test('lacks the tags that are named in full, too, which is a finding', async () => {
    const watch = watchOf(registry.host, { repo: 'team/app,team/typo', tags: '1.0' })
    await watch.run()
    expect([watch.faults(), exitOf(watch)]).toEqual([['team/typo tag-missing'], 1])
  })

  test('is asked for beside a pattern, too, whatever the catalog lists', async () => {
    const watch = watchOf(registry.host, { repo: 'team/*,other/typo' })
    await watch.run()
    expect(reportOf(watch)).toMatchObject({
      ...{ status: 'partial', repositories: 2 },
      unseen: [unknownRepository('other/typo', /knows no repository/)],
    })
    registry.faults.add({ path: /_catalog/ }, { status: 200, body: { repositories: ['team/app'] } })
    pushApp('other/typo')
    watch.clock.at += hour
    await watch.run()
    expect([outcomeOf(watch), tagsOf(watch, 'other/typo')]).toEqual(['ok', 1])
    // Nor does it matter whether the pattern matches anything.
    const alone = watchOf(registry.host, { repo: 'taem/*,other/typo' })
    await alone.run()
    await alone.run()
    expect([outcomeOf(alone), reportOf(alone).tags]).toEqual(['ok', 1])
  })

  test('is another thing than one that is there without tags', async () => {
    registry.faults.add({ path: /team\/empty\/tags\/list/ }, { status: 200, body: { tags: [] } })
    const watch = watchOf(registry.host, { repo: 'team/app,team/empty' })
    await watch.run()
    expect([reportOf(watch).status, reportOf(watch).unseen, exitOf(watch)]).toEqual(['ok', [], 0])
  })
})

test('a run in which all that is broken is accepted counts as one without findings', async () => {
  const watch = watchOf(registry.host)
  await watch.run()
  registry.store.remove('team/app', app.images[0]?.manifest.digest ?? '')
  watch.accepted.push({ repository: 'team/*', reason: 'known', expires: watch.clock.at + hour })
  await watch.run()
  expect([watch.faults().length, outcomeOf(watch), watch.state.runs]).toMatchObject([
    1,
    'ok',
    { ok: 2, findings: 0 },
  ])
  watch.clock.at += hour
  await watch.run()
  expect([outcomeOf(watch), watch.state.runs]).toMatchObject(['findings', { ok: 2, findings: 1 }])
})

describe('a registry that lists nothing any more', () => {
  test('has lost its storage, perhaps: what was known is kept until a second run agrees, and nothing is well', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    watch.clock.at += hour
    const empty = registry.faults.add({ path: /_catalog/ }, { status: 200, body: { repositories: [] } })
    await watch.run()
    expect(reportOf(watch)).toMatchObject({
      ...{ status: 'unchecked', listed: false },
      why: `${registry.host}: its catalog is empty, and had 1 repository before`,
    })
    expect(tagsOf(watch)).toBe(1)
    for (let run = 0; run < 3; run += 1) {
      await watch.run()
      expect([outcomeOf(watch), tagsOf(watch)]).toEqual(['unchecked', undefined])
    }
    empty.remove()
    await watch.run()
    expect([outcomeOf(watch), tagsOf(watch)]).toEqual(['ok', 1])
  })

  test('also where its list of repositories is still known, and none of them is', async () => {
    pushApp('tool')
    const watch = watchOf(registry.host)
    await watch.run()
    const from = registry.requests.length
    const lost = registry.faults.add({ path: /tags\/list/ }, unknownName)
    await watch.run()
    expect(reportOf(watch)).toMatchObject({
      ...{ status: 'unchecked', listed: false, unknown: { 'answer-invalid': 2 } },
      unseen: [
        { detail: expect.stringMatching(/lists no tags of (tool|team\/app) any more, and had 1 tag/) },
        {},
      ],
    })
    expect([tagsOf(watch), tagsOf(watch, 'tool')]).toEqual([1, 1])
    // Nothing else is asked of them.
    expect(registry.requests.slice(from).filter(({ path }) => !path.includes('tags/list'))).toEqual([])
    lost.remove()
    const before = registry.requests.length
    await watch.run()
    expect([outcomeOf(watch), tagsOf(watch)]).toEqual(['ok', 1])
    // A trigger: everything is read.
    expect(registry.requests.slice(before).filter(({ path }) => path.includes('/blobs/')).length).toBe(12)
  })

  test('and says so in a second run', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    registry.faults.add({ path: /tags\/list/ }, unknownName)
    await watch.run()
    await watch.run()
    expect([outcomeOf(watch), tagsOf(watch)]).toEqual(['unchecked', 0])
  })

  test('also in a part of the repositories, in each run', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) pushApp(name)
    const watch = watchOf(registry.host, { shards: '2', shard: '0' })
    await watch.run()
    expect([outcomeOf(watch), watch.state.repositories.size > 1]).toEqual(['ok', true])
    registry.faults.add({ path: /tags\/list/ }, unknownName)
    for (let run = 0; run < 3; run += 1) {
      await watch.run()
      expect(outcomeOf(watch)).toBe('unchecked')
    }
  })

  test('more than half of the repositories without tags are believed when a second run agrees', async () => {
    for (const name of ['a', 'b', 'c']) pushApp(name)
    const watch = watchOf(registry.host)
    await watch.run()
    registry.faults.add({ path: /\/(?:a|b|c)\/tags\/list/ }, unknownName)
    await watch.run()
    expect(reportOf(watch)).toMatchObject({ status: 'partial', unknown: { 'answer-invalid': 3 } })
    expect([tagsOf(watch, 'a'), tagsOf(watch)]).toEqual([1, 1])
    await watch.run()
    expect([outcomeOf(watch), tagsOf(watch, 'a'), tagsOf(watch)]).toEqual(['ok', 0, 1])
  })

  test('one of several without tags is believed at once', async () => {
    pushApp('tool')
    const watch = watchOf(registry.host)
    await watch.run()
    registry.faults.add({ path: /tool\/tags\/list/ }, unknownName)
    await watch.run()
    expect([outcomeOf(watch), tagsOf(watch, 'tool')]).toEqual(['ok', 0])
  })

  test('after a notification nothing is dropped of a repository without tags', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    registry.faults.add({ path: /tags\/list/ }, unknownName)
    await watch.run({ only: ['team/app'] })
    expect([outcomeOf(watch), tagsOf(watch)]).toEqual(['ok', 1])
  })
})

describe('a run that did not finish', () => {
  test('leaves the verdict of the one before, and says that it did not', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    const { lastRun, lastSuccess } = watch.state
    await watch.run({ signal: AbortSignal.abort(new Error('stopped by SIGTERM')) })
    expect(watch.state).toMatchObject({ lastRun, lastSuccess, unfinished: { why: 'stopped by SIGTERM' } })
    expect(watch.state.runs).toMatchObject({ ok: 1, stopped: 1 })
    expect([reportOf(watch).status, reportOf(watch).unfinished?.why]).toEqual(['ok', 'stopped by SIGTERM'])
    await watch.run()
    expect([outcomeOf(watch), watch.state.unfinished]).toEqual(['ok', undefined])
  })

  test('has no verdict before it, if it is the first', async () => {
    const watch = watchOf(registry.host)
    await watch.run({ signal: AbortSignal.abort() })
    expect([reportOf(watch).status, watch.state.lastRun]).toEqual(['waiting', undefined])
  })

  test('names the time limit', async () => {
    const watch = watchOf(registry.host)
    registry.faults.add({}, { hang: true })
    await watch.run({ signal: AbortSignal.timeout(50) })
    expect(watch.state.unfinished?.why).toBe('it took longer than `timeout` allows')
  })

  test('is one that crashed, too', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    const { lastRun } = watch.state
    watch.state.repositories.get = () => {
      throw new Error('a mistake')
    }
    await expect(watch.run()).rejects.toThrow('a mistake')
    expect(watch.state).toMatchObject({ lastRun, unfinished: { why: 'it crashed' }, runs: { stopped: 1 } })
  })

  test('leaves it to the next one to read everything, if something is gone', async () => {
    const tool = image('linux/amd64')
    registry.store.push('tool', [...tool.layers, tool.config, tool.manifest], 'latest')
    const watch = watchOf(registry.host)
    await watch.run()
    registry.store.remove('team/app', app.images[0]?.manifest.digest ?? '')
    const lost = tool.layers[0]?.digest ?? ''
    registry.store.remove('tool', lost)
    // A run of the one repository sees that a manifest is gone, and may not read the others.
    await watch.run({ only: ['team/app'] })
    expect(watch.faults()).toHaveLength(1)
    await watch.run()
    expect(watch.faults()).toHaveLength(2)
  })
})
