import { describe, expect, test } from 'vitest'
import { chooseTargets } from '../../../../src/observe/runner/ports/choose.ts'

const sockets = [
  { address: '0.0.0.0', port: 22 },
  { address: '::', port: 22 },
]
const addressesFrom = (from: 'container' | 'host', gateways: string[]) =>
  chooseTargets({ from, named: [], sockets, gateways, own: ['192.0.2.20', 'fd00::20'] }).toDial.map(
    ({ address }) => address,
  )

describe('the host’s other addresses', () => {
  test('are dialled from a container with a default route of their family', () => {
    expect(addressesFrom('container', ['172.17.0.1'])).toEqual(['172.17.0.1', '192.0.2.20'])
    expect(addressesFrom('container', ['172.17.0.1', 'fd00:1::1'])).toEqual([
      ...['172.17.0.1', 'fd00:1::1', '192.0.2.20', 'fd00::20'],
    ])
  })

  test('not from an internal network, which has no way to them', () => {
    expect(addressesFrom('container', [])).toEqual([])
  })

  test('from the host itself always', () => {
    expect(addressesFrom('host', [])).toEqual(['127.0.0.1', '192.0.2.20', 'fd00::20'])
  })
})
