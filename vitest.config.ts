import { defineConfig } from 'vitest/config'
import LongestFirst from './test/support/longest-first.ts'
import { globOf, projects } from './test/support/projects.ts'

const project = (name: keyof typeof projects, groupOrder: number, isolate: boolean, maxWorkers = 2) => ({
  extends: true as const,
  test: { name, include: projects[name].map(globOf), isolate, maxWorkers, sequence: { groupOrder } },
})

export default defineConfig({
  test: {
    globalSetup: 'test/support/run-directory.ts',
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'coverage/tests.json' }]] : ['default'],
    coverage: {
      // The folders whose mirrors are pure; the others are run by suites that are not measured.
      include: projects.pure
        .filter((pattern) => pattern.endsWith('/'))
        .map((folder) => `${folder.replace('test/', 'src/')}**/*.ts`),
      reporter: ['text', 'html'],
      reportsDirectory: 'coverage/pure',
    },
    // The quick ones first. A small machine has two cores; real suites wait for processes more than they compute.
    projects: [project('pure', 0, false), project('socket', 1, true), project('real', 2, true, 3)],
  },
})
