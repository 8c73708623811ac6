import { expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import { pageText } from '../../../src/cli/pages.ts'
import { earlierThan, laterThan } from '../../../src/explain/together/pages.ts'

test('what a check covers and what the table has are on the pages of both', async () => {
  expect(laterThan('docker-mtu-exceeds-uplink', checks)).toEqual([
    'tls-handshake-timeout-pmtu',
    'tls-large-clienthello-dropped',
    'mss-clamp-missing',
  ])
  expect(earlierThan('mss-clamp-missing', checks)).toEqual(['docker-mtu-exceeds-uplink'])
  expect(await pageText('tls-handshake-timeout-pmtu')).toContain(
    'It can follow from:\n[docker-mtu-exceeds-uplink](docker-mtu-exceeds-uplink.md)',
  )
  expect(await pageText('docker-mtu-exceeds-uplink')).toContain(
    'It can lead to:\n[tls-handshake-timeout-pmtu](tls-handshake-timeout-pmtu.md)',
  )
})

test('every link goes both ways', () => {
  for (const { id } of checks) {
    for (const later of laterThan(id, checks)) expect(earlierThan(later, checks)).toContain(id)
    for (const first of earlierThan(id, checks)) expect(laterThan(first, checks)).toContain(id)
  }
})
