import { describe, expect, test } from 'vitest'
import type { RequestFact } from '../../src/facts/path.ts'
import { type Report, reportSchema } from '../../src/report/schema.ts'
import { keyRequests } from '../../src/report/sections/key-requests.ts'
import { absent, all, type Change, cut, proven, unseen, withBlob, withManifest } from '../support/facts.ts'
import { routingFor } from '../support/routing.ts'
import {
  allOf,
  areaIn,
  chainIn,
  healthyRunner,
  minute,
  type RunnerChange,
  withBurst,
  withKernelLine,
} from '../support/runner-facts.ts'
import { reportOf } from './reports.ts'

const membersOf = (change: Change) => reportOf(change).targets[0]?.members ?? []

describe('what a platform image names', () => {
  test('is told with its size, and how it stands', () => {
    const [amd64, arm64] = membersOf(
      all(
        withManifest('arm64', absent()),
        withBlob('base layer', cut(10)),
        withBlob('amd64 layer', absent()),
        withBlob('amd64 config', proven('whole')),
      ),
    )
    expect(amd64?.manifest).toBe('read')
    expect(amd64?.contents?.map(({ role, state, proof }) => [role, state, proof])).toEqual([
      ['configuration', 'proven', 'whole'],
      ['layer', 'damaged', undefined],
      ['layer', 'absent', undefined],
    ])
    expect([arm64?.manifest, arm64?.contents]).toEqual(['absent', []])
  })

  test('is unknown where it could not be observed', () => {
    const [amd64] = membersOf(
      all(withBlob('amd64 layer', unseen('registry-error')), withManifest('arm64', unseen('registry-error'))),
    )
    expect(amd64?.contents?.map(({ state }) => state)).toContain('unknown')
    expect(membersOf(withManifest('arm64', unseen('registry-error')))[1]?.manifest).toBe('unknown')
  })

  test('is listed of 300 objects, those of images that are not well before others', () => {
    const report = reportOf((facts) => {
      withBlob('amd64 layer', absent())(facts)
      const [target] = facts.image.targets
      if (!target) return
      // The same image under many tags.
      facts.image.targets = Array.from({ length: 200 }, (_, n) => ({
        ...target,
        target: { reference: { ...target.target.reference, tag: `t${n}` } },
      }))
    })
    const members = report.targets.flatMap((target) => target.members)
    const listed = (status: string) =>
      members.filter((member) => member.status === status).flatMap(({ contents = [] }) => contents).length
    expect([listed('fail'), listed('pass')]).toEqual([300, 0])
  })
})

const request = (change: Partial<RequestFact>): RequestFact => ({
  ...{ method: 'GET', url: 'https://r.example/v2/x', role: 'registry', at: 0, status: 200 },
  ...{ http2: true, phases: { headers: 1 }, attempt: 0 },
  ...change,
})

test('the requests that are kept are the first to each host, the failures, and the slowest, as they were sent', () => {
  const slow = request({ at: 3, phases: { headers: 900 } })
  const failed = request({
    at: 2,
    failure: { kind: 'connection-cut', host: 'r.example', phase: 'body', detail: '', evidence: [] },
  })
  const token = request({ at: 4, url: 'https://auth.example/token', role: 'token' })
  const many = Array.from({ length: 500 }, (_, n) => request({ at: 5 + n, phases: { headers: 2 } }))
  const first = request({ at: 1 })
  const kept = keyRequests([first, failed, slow, token, ...many])
  expect(kept.slice(0, 4)).toEqual([first, failed, slow, token])
  expect(kept).toHaveLength(30)
})

const runnerOf = (change: RunnerChange): NonNullable<Report['runner']> | undefined =>
  reportOf(
    (facts) => {
      const runner = healthyRunner()
      change(runner)
      facts.runner = runner
    },
    { given: { checks: 'runner' } },
  ).runner

describe('what happened on a runner', () => {
  test('is told with its times, and only so much of it', () => {
    const runner = runnerOf(
      allOf(withBurst(400, 100, 2 * minute), withKernelLine('syn-flood', 'possible SYN flooding')),
    )
    expect(runner?.changes).toHaveLength(300)
    expect(runner?.moreChanges).toBe(100)
    expect(runner?.kernel).toEqual([
      { at: '2026-03-01T11:59:00.000Z', kind: 'syn-flood', text: 'possible SYN flooding' },
    ])
    expect(runner?.inspectedAt).toBe('2026-03-01T12:00:00.000Z')
  })

  test('names the ports that were dialled, and which of them nothing should listen on', () => {
    const [gateway] = runnerOf(() => {})?.ports ?? []
    expect(gateway?.dials.map(({ port, canary }) => [port, canary ?? false])).toEqual([
      [22, false],
      [6443, false],
      [9, true],
      [47113, true],
    ])
  })
})

test('the way of a packet that ends here is told with what stops it, and the others are not', () => {
  const dropped: RunnerChange = (runner) => {
    areaIn(runner, 'routes').routing = routingFor(areaIn(runner, 'links'))
    chainIn(runner, 'filter', 'FORWARD').rules.unshift('-o eth0 -j DROP')
  }
  const [way] = runnerOf(dropped)?.ways ?? []
  expect(way).toMatchObject({
    about: 'egress',
    direction: 'there',
    certain: true,
    stage: 'forward',
    to: 'other hosts',
  })
  expect(way?.evidence).toContain('-A FORWARD -o eth0 -j DROP')
  expect(runnerOf(() => {})?.ways).toBeUndefined()
})

test('a report that an earlier version wrote is still one', () => {
  const report = JSON.parse(JSON.stringify(reportOf()))
  delete report.keyRequests
  for (const member of report.targets[0].members) {
    delete member.manifest
    delete member.contents
  }
  expect(reportSchema.safeParse(report).success).toBe(true)
})
