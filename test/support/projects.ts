/**
 * Which suites run how. A pattern ends in `/` for a folder with all below it, and names single files otherwise.
 *
 * - `pure`: no sockets and no processes, so that suites share workers: nothing in them may outlive its test.
 * - `socket`: loopback servers, child processes, the registry in memory, msw.
 * - `real`: real registries and engines, network namespaces, the container image.
 */
export const projects = {
  pure: [
    'test/*.test.ts',
    'test/checks/',
    'test/core/',
    'test/explain/',
    'test/facts/',
    'test/log/',
    'test/net/',
    'test/oci/',
    'test/outputs/',
    'test/report/',
    'test/settings/',
  ],
  socket: [
    'test/answers/',
    'test/cli/',
    'test/deploy/',
    'test/fake-registry/',
    'test/hostile/',
    'test/observe/',
    'test/output-page/',
    'test/probe/',
    'test/scripts/',
    'test/secrets/',
    'test/support/',
    'test/types/',
    'test/vendors/',
    'test/watch/',
  ],
  real: ['test/clients/', 'test/container-image/', 'test/real/'],
}

/**
 * The suites that take a minute and more, the longest first. They begin first, so that the last one does not run alone while other
 * workers have nothing left to do; without a cache of earlier runs vitest goes by the size of files.
 */
export const slowest = [
  'test/real/cluster/size.test.ts',
  'test/real/runner-reports.test.ts',
  'test/real/runner-advice.test.ts',
  'test/real/runner-broken-state.test.ts',
  'test/secrets/canary.test.ts',
  'test/real/runner-published-ports.test.ts',
  'test/real/runner-incident.test.ts',
  'test/real/runner-ports.test.ts',
  'test/real/runner-docker-sibling.test.ts',
  'test/container-image/build.test.ts',
  'test/real/packets.test.ts',
  'test/real/path-mtu.test.ts',
  'test/real/page.test.ts',
  'test/cli/paste.test.ts',
]

/** The glob of a pattern. */
export const globOf = (pattern: string): string =>
  pattern.endsWith('/') ? `${pattern}**/*.test.ts` : pattern
