import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { slowest } from './projects.ts'

/** Begins the slowest suites of a project first, in their order. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const rank = ({ moduleId }: TestSpecification) => {
      const at = slowest.indexOf(relative(this.ctx.config.root, moduleId))
      return at < 0 ? slowest.length : at
    }
    const order = (one: TestSpecification) => one.project.config.sequence.groupOrder
    return sorted.toSorted((a, b) => order(a) - order(b) || rank(a) - rank(b))
  }
}
