import type { GcVersion } from '../../src/facts/queries/storage/forecast/collection.ts'
import { findGoProgram } from '../support/go-programs.ts'
import { findProgram } from '../support/need.ts'

/** The registries whose collections the forecast is compared with; undefined where one is not installed. */
export const collectors = (): Record<GcVersion, string | undefined> => ({
  '2.8': findProgram('docker-registry'),
  '3': findGoProgram('registry', / v3/),
})
