import { describe, expect, test } from 'vitest'
import {
  absent,
  all,
  type BlobName,
  blobIn,
  type Change,
  childOf,
  configIn,
  cut,
  diffIdOf,
  digestOf,
  imageOf,
  indexIn,
  proven,
  repositoryIn,
  repositoryOf,
  seen,
  tagged,
  targetIn,
  unseen,
  withBlob,
  withManifest,
} from '../support/facts.ts'
import { neverAnswered, tagGone } from './changes.ts'
import { type Run, reportOf } from './reports.ts'

const rest = { sampled: 0, notSampled: 0, layers: 0, unpacked: 0, unread: 0 }

/** Without the list of what each platform image names (test/report/pictures.test.ts). */
const targetOf = (change: Change = () => {}, run: Run = {}) => {
  const [target] = reportOf(change, run).targets
  return (
    target && {
      ...target,
      members: target.members.map(({ contents: _contents, manifest: _manifest, ...member }) => member),
    }
  )
}
/** The members of the target: `linux/amd64 pass`. */
const membersOf = (change?: Change, run?: Run) =>
  targetOf(change, run)?.members.map(({ platform, status }) => `${platform} ${status}`)

test('an index is told with its platforms, in its own order, and what was proven of each', () => {
  expect(targetOf()).toEqual({
    reference: tagged,
    status: 'pass',
    kind: 'index',
    digest: digestOf('index'),
    members: [
      {
        platform: 'linux/amd64',
        digest: digestOf('amd64'),
        status: 'pass',
        objects: 4,
        sizeBytes: 30 * 1024 ** 2 + 2048 + 2 * 1200,
        proof: { listed: 0, opened: 0, lastByte: 2, whole: 1, ...rest },
        faults: [],
      },
      {
        platform: 'linux/arm64',
        digest: digestOf('arm64'),
        status: 'pass',
        objects: 4,
        sizeBytes: 30 * 1024 ** 2 + 3 * 1200,
        proof: { listed: 0, opened: 0, lastByte: 2, whole: 1, ...rest },
        faults: [],
      },
    ],
    // The index, four manifests, three layers, two configurations; two attestations' configurations and provenance.
    objects: 14,
    sizeBytes: 30 * 1024 ** 2 + 2048 + 12 * 1200,
    proof: { listed: 0, opened: 0, lastByte: 5, whole: 4, ...rest },
    attestations: 2,
    faults: [],
  })
})

test('each kind of proof is counted by itself', () => {
  const change = all(
    withBlob('base layer', proven('opened', 65_536)),
    withBlob('amd64 layer', proven('listed', 0)),
    withBlob('arm64 layer', proven('whole', 1200)),
  )
  expect(targetOf(change)?.members.map(({ proof }) => proof)).toEqual([
    { listed: 1, opened: 1, lastByte: 0, whole: 1, ...rest },
    { listed: 0, opened: 1, lastByte: 0, whole: 2, ...rest, layers: 1 },
  ])
})

describe('a layer is unpacked', () => {
  const unpacks = (name: BlobName, value: string): Change =>
    all(withBlob(name, proven('whole')), (facts) => {
      blobIn(facts, name).diffId = { ok: true, value }
    })
  const layersOf = (change: Change) => {
    const { layers, unpacked } = targetOf(change)?.proof ?? {}
    return { layers, unpacked }
  }

  test('if its content is what the configuration states', () => {
    const change = unpacks('base layer', diffIdOf('base layer'))
    expect(layersOf(change)).toEqual({ layers: 1, unpacked: 1 })
    expect(targetOf(change)?.members.map(({ proof }) => proof.unpacked)).toEqual([1, 1])
  })

  test('and not matched if it is other content, or if any configuration states other content', () => {
    expect(layersOf(unpacks('base layer', diffIdOf('amd64 layer')))).toEqual({ layers: 1, unpacked: 0 })
    const change = all(unpacks('base layer', diffIdOf('base layer')), (facts) => {
      configIn(facts, 'arm64 config').diffIds[0] = diffIdOf('arm64 layer')
    })
    expect(layersOf(change)).toEqual({ layers: 1, unpacked: 0 })
    expect(targetOf(change)?.members.map(({ proof }) => proof.unpacked)).toEqual([1, 0])
  })

  test('only as a layer of an image: an attestation has none', () => {
    const change = unpacks('amd64 provenance', diffIdOf('amd64 provenance'))
    expect(layersOf(change)).toEqual({ layers: 0, unpacked: 0 })
  })
})

test('a layer that was chosen as a sample is counted if it was read, and if the budget did not allow it', () => {
  const chosen = (name: BlobName, sample: 'read' | 'over-budget'): Change =>
    all(withBlob(name, proven(sample === 'read' ? 'whole' : 'last-byte')), (facts) => {
      blobIn(facts, name).sample = sample
    })
  const change = all(chosen('base layer', 'read'), chosen('amd64 layer', 'over-budget'))
  expect(targetOf(change)?.proof).toMatchObject({ whole: 5, layers: 1, sampled: 1, notSampled: 1 })
  const cut = all(chosen('base layer', 'read'), withBlob('base layer', unseen('connection-cut')))
  expect(targetOf(cut)?.proof).toMatchObject({ sampled: 0, notSampled: 0 })
})

test('a blob that an image names twice is one object', () => {
  const target = targetOf((facts) => {
    facts.image.repositories = [repositoryOf([[digestOf('index'), imageOf('amd64 config', 'one', 'one')]])]
  })
  expect(target).toMatchObject({ kind: 'image', members: [{ objects: 3, sizeBytes: 3 * 1200 }] })
})

test('what no runtime can start is an artifact: a chart, a signature, a build cache', () => {
  const target = targetOf((facts) => {
    const cache = imageOf('amd64 config', 'base layer')
    cache.config.mediaType = 'application/vnd.buildkit.cacheconfig.v0'
    facts.image.repositories = [repositoryOf([[digestOf('index'), cache]])]
  })
  expect(target).toMatchObject({ kind: 'artifact' })
})

describe('a member is at fault', () => {
  test('when its manifest is gone', () => {
    expect(membersOf(withManifest('arm64', absent()))).toEqual(['linux/amd64 pass', 'linux/arm64 fail'])
  })

  test('when its own layer is gone', () => {
    expect(membersOf(withBlob('amd64 layer', absent()))).toEqual(['linux/amd64 fail', 'linux/arm64 pass'])
  })

  test('like every other that has the layer, each with the reason', () => {
    const target = targetOf(withBlob('base layer', cut(100)))
    expect(target?.status).toBe('fail')
    const short = digestOf('base layer').slice(0, 15)
    for (const member of target?.members ?? []) {
      expect(member).toMatchObject({ status: 'fail', faults: [`blob ${short}… layers[0] is too short`] })
    }
  })

  test('only a little, when what is lost is in the manifest, too', () => {
    const inline = all(withBlob('amd64 layer', absent()), (facts) => {
      blobIn(facts, 'amd64 layer').inline = 'matches'
    })
    expect(membersOf(inline)).toEqual(['linux/amd64 warn', 'linux/arm64 pass'])
    expect(targetOf(inline)?.status).toBe('warn')
  })
})

describe('a member is not proven', () => {
  test.each<[string, Change]>([
    ['its manifest', withManifest('arm64', unseen('rate-limited'))],
    ['its layer', withBlob('arm64 layer', unseen('rate-limited'))],
    ['its configuration', withBlob('arm64 config', unseen('rate-limited'))],
  ])('when %s was not seen', (_what, change) => {
    expect(membersOf(change)).toEqual(['linux/amd64 pass', 'linux/arm64 unknown'])
    expect(targetOf(change)?.status).toBe('unknown')
  })

  test('but at fault, when something else of it is gone', () => {
    const change = all(withBlob('arm64 layer', unseen('rate-limited')), withBlob('arm64 config', absent()))
    expect(membersOf(change)).toEqual(['linux/amd64 pass', 'linux/arm64 fail'])
  })

  test('and not asked for, when a mirror never fetched it', () => {
    const run = { given: { mirror: 'true' } }
    expect(membersOf(withManifest('arm64', absent()), run)).toEqual(['linux/amd64 pass', 'linux/arm64 off'])
    expect(targetOf(withManifest('arm64', absent()), run)?.status).toBe('pass')
  })
})

describe('a target', () => {
  test('that is not there has no members', () => {
    expect(targetOf(tagGone)).toMatchObject({
      status: 'fail',
      members: [],
      faults: [expect.stringContaining('404')],
    })
  })

  test('that was never resolved is unknown, with the reason', () => {
    expect(targetOf(neverAnswered('connection-refused'))).toMatchObject({
      status: 'unknown',
      members: [],
      faults: ['the case of connection-refused'],
    })
  })

  test('that names another image than was pushed is at fault, however good that image is', () => {
    const moved: Change = (facts) => {
      targetIn(facts).target.expected = { digest: digestOf('another'), from: 'expect_digest' }
    }
    expect(targetOf(moved)).toMatchObject({
      status: 'fail',
      members: [{ status: 'pass' }, { status: 'pass' }],
      faults: ['the tag refers to another digest than the push reported'],
    })
  })

  test('whose index is at fault only a little is no pass', () => {
    const twice: Change = (facts) => {
      indexIn(facts).children.push(childOf('arm64', 'amd64'))
    }
    expect(targetOf(twice)).toMatchObject({ status: 'warn', faults: ['linux/amd64 is listed 2 times'] })
  })

  test('counts what refers to it, where that was asked', () => {
    const asked: Change = (facts) => {
      repositoryIn(facts).referrers = seen({ count: 3, api: 'referrers' as const })
    }
    expect(targetOf(asked)?.referrers).toBe(3)
    expect(targetOf()).not.toHaveProperty('referrers')
  })
})
