import { afterAll, beforeAll, beforeEach } from 'vitest'
import { blob, seededBytes } from '../../src/fake-registry/images/images.ts'
import {
  type ActiveFault,
  type EmbeddedRegistry,
  type Fault,
  type Match,
  startRegistry,
} from '../../src/fake-registry/registry.ts'
import { type Answer, lastByteOf, type Question, request } from './request.ts'

const SIZE = 2000

/** The one blob in the registry of a suite about faults. */
export const layer = blob('application/octet-stream', seededBytes('faults', SIZE))

/** The question whether its end can be read. */
export const lastByte = lastByteOf(SIZE)

/** What a truthful answer about all of it announces. */
export const FULL = { 'content-length': String(SIZE) }

/** A registry for a suite, without faults at the start of each test. */
export function useRegistry(): {
  registry(): EmbeddedRegistry
  get(question?: Question): Promise<Answer>
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
    get: (question) => request(`${registry.url}/v2/app/blobs/${layer.digest}`, question),
    corrupt: (fault, match) => registry.faults.add({ digest: layer.digest, ...match }, ...[fault].flat()),
  }
}
