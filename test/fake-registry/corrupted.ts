import { afterAll, beforeAll, beforeEach } from 'vitest'
import { blob, seededBytes } from '../../src/fake-registry/images/images.ts'
import {
  type ActiveFault,
  type EmbeddedRegistry,
  type Fault,
  type Match,
  startRegistry,
} from '../../src/fake-registry/registry.ts'
import { type Answer, lastByteOf, type RequestOptions, request } from './request.ts'

const SIZE = 2000

/** The only blob in the registry of the fault suites. */
export const layer = blob('application/octet-stream', seededBytes('faults', SIZE))

/** The Range header for its last byte. */
export const lastByte = lastByteOf(SIZE)

/** The correct Content-Length of the whole blob. */
export const FULL = { 'content-length': String(SIZE) }

/** A registry for a suite; each test starts without faults. */
export function useRegistry(): {
  registry(): EmbeddedRegistry
  get(options?: RequestOptions): Promise<Answer>
  corrupt(fault: Fault | Fault[], match?: Match): ActiveFault
} {
  let registry: EmbeddedRegistry
  beforeAll(async () => {
    registry = await startRegistry()
    registry.store.putBlob('app', layer)
  })
  afterAll(() => registry.close())
  beforeEach(() => registry.faults.clear())
  return {
    registry: () => registry,
    get: (options) => request(`${registry.url}/v2/app/blobs/${layer.digest}`, options),
    corrupt: (fault, match) => registry.faults.add({ digest: layer.digest, ...match }, ...[fault].flat()),
  }
}
