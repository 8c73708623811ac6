import { areaIn, type RunnerChange } from './runner-facts.ts'

/** Gives the interface of the default route this MTU. */
export const withUplink =
  (mtu: number): RunnerChange =>
  (runner) => {
    for (const link of areaIn(runner, 'links')) if (link.name === 'eth0') link.mtu = mtu
  }

/** Gives every network of Docker, its bridge and its containers this MTU. */
export const mtuOfNetworks =
  (mtu: number): RunnerChange =>
  (runner) => {
    for (const network of areaIn(runner, 'networks')) network.mtu = mtu
    for (const link of areaIn(runner, 'links')) if (/^(?:br-|docker0|veth)/.test(link.name)) link.mtu = mtu
  }
