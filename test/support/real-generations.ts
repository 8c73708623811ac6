import { findGoProgram, hasGo } from './go-programs.ts'
import { suiteNeeds } from './need.ts'
import { type RealRegistry, type RealRegistryOptions, startRealRegistry } from './real-registry.ts'
import { type Suite, suiteWithout } from './suite.ts'

/** One of the two generations of the registry that people run. */
export type Generation = {
  name: string
  /** A `describe` that needs this generation, and other programs. */
  suite(programs?: string[]): Suite
  start(options?: RealRegistryOptions): Promise<RealRegistry>
}

/** Debian's `docker-registry`. */
export const registry2: Generation = {
  name: 'registry 2.8',
  suite: (programs = []) => suiteNeeds(['docker-registry', ...programs]),
  start: startRealRegistry,
}

const program3 = findGoProgram('registry', / v3/)

/** The `registry` of distribution 3, which Debian does not have; built with Go. */
export const registry3: Generation = {
  name: 'registry 3',
  suite: (programs = []) => {
    if (program3 !== undefined) return suiteNeeds(programs)
    const reason = 'needs registry v3, not found on the PATH or where Go installs programs'
    return suiteWithout(reason, { mustRunInCi: hasGo })
  },
  start: (options = {}) => {
    if (program3 === undefined) throw new Error('registry 3 is not installed')
    return startRealRegistry({ ...options, program: program3 })
  },
}

export const generations: Generation[] = [registry2, registry3]
