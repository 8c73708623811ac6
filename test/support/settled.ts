import type { NetworkNamespace } from './network-namespace.ts'
import { until } from './until.ts'

interface Link {
  flags: string[]
  operstate: string
  addr_info: { tentative?: boolean }[]
}

/**
 * Waits until the kernel has finished what links and addresses of a namespace began: it gives a link its state, routes and addresses up
 * to a second after its carrier changed, and an IPv6 address its route once no other machine has claimed it.
 */
export async function untilSettled({ run }: Pick<NetworkNamespace, 'run'>): Promise<void> {
  await until('the links and addresses of the namespace are settled', async () =>
    (JSON.parse(await run('ip', ['-j', 'address'])) as Link[]).every(isSettled),
  )
}

function isSettled({ flags, operstate, addr_info: addresses }: Link): boolean {
  if (!flags.includes('UP')) return true
  const hasCarrier = flags.includes('LOWER_UP')
  // Without a carrier an address can stay tentative for good.
  return operstate !== (hasCarrier ? 'DOWN' : 'UP') && !(hasCarrier && addresses.some((one) => one.tentative))
}
