import { describe, expect, test } from 'vitest'
import { clientsPage, type Differential } from '../../scripts/differential/page.ts'
import { plainError } from '../../scripts/differential/plain-error.ts'
import type { Judgement } from '../clients/judge.ts'
import { type Axes, shapeOf } from '../clients/shapes/shape.ts'

const judgement = (axes: Axes, more: Partial<Judgement> = {}): Judgement => ({
  ...{ shape: shapeOf(axes), causes: [] },
  pulls: { containerd: { ok: true }, podman: { ok: true } },
  ...more,
})

const refused = judgement(
  { image: 'OCI', served: 'HEAD 404' },
  {
    pulls: {
      containerd: { ok: false, error: 'ctr: 127.0.0.1:5000/shape/7:1: not found' },
      podman: { ok: false, error: 'Error: 127.0.0.1:5000/shape/7:1: not found' },
    },
  },
)

const run = (more: Partial<Differential> = {}): Differential => ({
  ...{ date: new Date('2026-11-29T10:00:00Z'), seed: 1, missing: ['crane'] },
  clients: [
    { id: 'containerd', name: 'containerd', version: '1.6.20' },
    { id: 'podman', name: 'Podman', version: '4.3.1' },
  ],
  reported: [{ topic: 'proxies', judgements: [judgement({ image: 'OCI' }), refused] }],
  generated: [judgement({ image: 'OCI', packing: 'zstd' }), refused],
  ...more,
})

describe('docs/clients.md', () => {
  const page = clientsPage(run())

  test('names date, seed, versions and what was not there', () => {
    expect(page).toContain('2026-11-29, 2 generated shapes, seed 1')
    expect(page).toContain('| podman | Podman | 4.3.1 |')
    expect(page).toContain('Not on this machine: crane.')
  })

  test('has a row for each reported shape, and the words of those who refuse, once where they are the same', () => {
    expect(page).toContain('| OCI image | ✓ | ✓ | — |')
    expect(page).toContain('| OCI image · served: HEAD 404 | ✗ | ✗ | — |')
    expect(page).toContain('- OCI image · served: HEAD 404\n  - containerd, podman: `…: not found`')
  })

  test('counts the refusals of each value of an axis', () => {
    expect(page).toContain('| HEAD 404 | 1 | 1 | 1 | 1 nothing |')
    expect(page).toContain('| zstd | 1 |  |  | 1 nothing |')
    expect(page).toContain('All clients pull 1 of them. Refused by: containerd 1, podman 1.')
  })

  test('lists each difference once, also where a shape is in both parts', () => {
    expect(page.match(/silence; containerd: …: not found/g)).toHaveLength(1)
    expect(clientsPage(run({ reported: [], generated: [] }))).toContain('Nowhere: ')
  })

  test('says where a registry changes the verdict of a client', () => {
    expect(page).toContain('There was no registry 3 on this machine.')
    const onRegistry3 = [{ topic: 'proxies', judgements: [judgement({ image: 'OCI' }), refused] }]
    expect(clientsPage(run({ onRegistry3 }))).toContain('The same for each shape and client.')
    const other = { ...refused, pulls: { ...refused.pulls, podman: { ok: true } }, refusal: '400' } as const
    const changed = [{ topic: 'proxies', judgements: [judgement({ image: 'OCI' }), other] }]
    expect(clientsPage(run({ onRegistry3: changed }))).toContain(
      '- OCI image · served: HEAD 404: only registry 2 accepts it; other verdict: podman',
    )
  })
})

const digest = 'ab'.repeat(32)

test.each([
  [
    'time="2026-11-29T09:16:34Z" level=fatal msg="writing blob: storing blob to file \\"/var/tmp/storage33/1\\": gzip: invalid header"',
    'writing blob: storing blob to file "…": gzip: invalid header',
  ],
  [
    `ctr: failed to extract layer (application/x sha256:${digest}) to native as "extract-632138836-m2OZ sha256:${digest}": mount callback failed on /tmp/regguard-containerd-a1B2c3/root/tmpmounts/containerd-mount147: unexpected EOF`,
    'failed to extract layer (application/x sha256:…) to native as "extract-… sha256:…": mount callback failed on …: unexpected EOF',
  ],
  [
    `content at http://127.0.0.1:5000/v2/shape/12/manifests/sha256:${digest} not found`,
    'content at …/manifests/sha256:… not found',
  ],
  [`Error: docker://127.0.0.1:5000/shape/12@sha256:${digest}: unsupported`, 'docker://…: unsupported'],
])('a client’s words without what varies: %s', (text, plain) => {
  expect(plainError(text)).toBe(plain)
})
