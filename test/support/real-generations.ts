import { findGoProgram, hasGo } from './go-programs.ts'
import { suiteNeeds } from './need.ts'
import { type RealRegistry, type RealRegistryOptions, startRealRegistry } from './real-registry.ts'
import { type Suite, suiteWithout } from './suite.ts'

/** One of the two generations of the registry that people run. */
export type Generation = {
  name: string
  /** A `describe` that wants this generation, and the other programs too. */
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

/** The `registry` of distribution 3, which Debian lacks and Go builds. */
export const registry3: Generation = {
  name: 'registry 3',
  suite: (programs = []) => {
    if (program3 !== undefined) return suiteNeeds(programs)
    const reason = 'needs a program “registry” that says v3, found neither in PATH nor where Go installs'
    return suiteWithout(reason, { mustRunInCi: hasGo })
  },
  start: (options = {}) => {
    if (program3 === undefined) throw new Error('there is no registry 3 here')
    return startRealRegistry({ ...options, program: program3 })
  },
}

export const generations: Generation[] = [registry2, registry3]
