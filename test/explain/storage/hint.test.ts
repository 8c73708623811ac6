import { expect, test } from 'vitest'
import { scanHint } from '../../../src/explain/storage/hint.ts'

test.each([
  ['registry.example.com', false, 'https://registry.example.com'],
  ['registry.example.com:5000', true, 'http://registry.example.com:5000'],
  ['127.0.0.1:5000', false, 'http://127.0.0.1:5000'],
])('the command for %s, with insecure %s, names %s', (registry, insecure, url) => {
  expect(scanHint(registry, { insecure })).toContain(
    `“regguard-plugin scan /var/lib/registry --registry ${url}”`,
  )
})

test.each(['ghcr.io', 'docker.io', 'europe-docker.pkg.dev', '1.dkr.ecr.eu-west-1.amazonaws.com'])(
  'nobody can read the storage of %s',
  (registry) => {
    expect(scanHint(registry, { insecure: false })).toBe('')
  },
)

test('a run that scans the storage itself needs no hint', () => {
  expect(scanHint('registry.example.com', { insecure: false, storage: '/var/lib/registry' })).toBe('')
})
