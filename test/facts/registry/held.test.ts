import { expect, test } from 'vitest'
import { heldOf } from '../../../src/facts/queries/registry/held.ts'
import { parsePlatform } from '../../../src/oci/platform.ts'
import {
  absent,
  type Change,
  digestOf,
  healthyFacts,
  targetIn,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'

function held(change: Change = () => {}, platforms: string[] = []) {
  const facts = healthyFacts()
  change(facts)
  return heldOf(
    targetIn(facts),
    facts.image,
    platforms.flatMap((one) => parsePlatform(one) ?? []),
  )
}

test('an image with everything in it is whole', () => {
  expect(held()).toMatchObject({ state: 'whole', digest: digestOf('index'), lackCount: 0 })
})

test('a layer that is not served makes it partial, for its platform', () => {
  const lost = withBlob('arm64 layer', absent())
  expect(held(lost)).toMatchObject({
    state: 'partial',
    lacks: [`layer ${digestOf('arm64 layer')}`],
    platforms: ['linux/arm64'],
  })
  expect(held(lost, ['linux/amd64']).state).toBe('whole')
  expect(held(lost, ['linux/arm64/v8']).state).toBe('partial')
})

test('a manifest and a configuration are named as such', () => {
  expect(held(withManifest('amd64', absent())).lacks).toEqual([`manifest ${digestOf('amd64')}`])
  expect(held(withBlob('amd64 config', absent())).lacks).toEqual([`config ${digestOf('amd64 config')}`])
})

test('attestations are no part of it', () => {
  expect(held(withManifest('arm64 attestation', absent())).state).toBe('whole')
})

test('an object that was not read leaves it unknown, unless another is missing', () => {
  const unread = withBlob('amd64 layer', unseen('registry-error'))
  expect(held(unread)).toMatchObject({ state: 'unknown', why: expect.any(String) })
  expect(
    held((facts) => {
      unread(facts)
      withBlob('arm64 layer', absent())(facts)
    }).state,
  ).toBe('partial')
})

test('a tag that is not there is absent, one that was not answered unknown', () => {
  const first =
    (value: ReturnType<typeof targetIn>['first']): Change =>
    (facts) => {
      targetIn(facts).first = value
    }
  const refusal = { status: 404, code: 'MANIFEST_UNKNOWN', message: '' }
  expect(held(first({ seen: true, value: { state: 'absent', refusal, waitedMs: 0 } })).state).toBe('absent')
  expect(held(first(unseen('connection-refused'))).state).toBe('unknown')
})
