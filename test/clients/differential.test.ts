import { afterAll, beforeAll, expect, test } from 'vitest'
import { suiteNeeds } from '../support/need.ts'
import { disagreements } from './disagreements.ts'
import { explanationOf } from './known.ts'
import { type Laboratory, startLaboratory } from './laboratory.ts'
import { sample } from './shapes/corpus.ts'

/** `npm run differential` judges all shapes; this many of them, drawn by a seed, are judged here. */
const count = 40
const seed = Number(process.env.REGGUARD_SEED ?? '1')
/** Every client copies all layers for each layer of these. */
const slow = /12\d layers/

const programs = ['docker-registry', 'dockerd', 'containerd', 'ctr', 'podman', 'skopeo', 'xz', 'bzip2']

suiteNeeds(programs)(`regguard and the clients, on ${count} shapes drawn by seed ${seed}`, () => {
  let laboratory: Laboratory
  beforeAll(async () => {
    laboratory = await startLaboratory()
  }, 120_000)
  afterAll(() => laboratory?.stop())

  const shapes = sample(seed, count).filter(({ id }) => !slow.test(id))

  test.each(shapes)(
    '$id',
    async (shape) => {
      const judgement = await laboratory.judge(shape)
      const unexplained = disagreements(judgement).filter(
        (each) => explanationOf(shape.axes, each) === undefined,
      )
      expect(unexplained, JSON.stringify(judgement.pulls, undefined, 2)).toEqual([])
    },
    120_000,
  )
})
