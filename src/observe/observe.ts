import type { Facts } from '../model.ts'
import type { Settings } from '../settings/schema.ts'
import type { Plan } from '../settings/targets.ts'
import { observeImages } from './image/image.ts'
import { openWire } from './wire/wire.ts'

/** What observing needs from outside. */
export interface ObserveOptions {
  settings: Settings
  plan: Plan
  version: string
  /** Certificate authorities to trust beside the built-in ones, in PEM form. */
  authorities: string[]
  signal: AbortSignal
  keepSecret: (secret: string) => void
  progress: (change: { found?: number; done?: number }) => void
  now: () => number
}

/** Gathers all facts of a run. It ends when everything was looked at, or soon after `signal` aborts. */
export async function observe(options: ObserveOptions): Promise<Facts> {
  const { settings, plan, now } = options
  const wire = openWire({
    signal: options.signal,
    skipTlsVerify: settings.skip_tls_verify,
    authorities: options.authorities,
    connections: settings.concurrency,
    userAgent: `regguard/${options.version}`,
    now,
  })
  try {
    const image = await observeImages({ ...options, ...plan, wire })
    return { image, road: wire.ledger.fact() }
  } finally {
    await wire.close()
  }
}
