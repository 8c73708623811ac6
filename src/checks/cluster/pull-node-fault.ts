import type { PullKind } from '../../facts/cluster/pull-kinds.ts'
import { classOf } from '../../facts/queries/cluster/pull-text.ts'
import { defineCheck } from '../define.ts'
import { pullFault } from '../pull-fault.ts'

const advice: Partial<Record<PullKind, string>> = {
  'node-disk-full':
    'Free space on the disk of the node: kubectl describe node shows DiskPressure; “crictl rmi --prune” removes images that no container uses.',
  'node-extract-failed': 'Look at the log of the container runtime on the node, and at its disk.',
  'node-runtime-down': 'Restart the container runtime of the node; its log says why it stopped.',
  'node-layer-locked': 'Wait for the other pull of the layer; restart containerd if none runs.',
  'node-pull-limit': 'Raise registryPullQPS and registryBurst of the kubelet; the registry was not asked.',
  'image-never-pulled': 'Load the image onto the node, or change imagePullPolicy: Never.',
  'signature-refused': 'Check the signature policy of the node (policy.json), and that the image is signed.',
  'pull-stalled':
    'No byte came for the time that the runtime waits (5 minutes): probe the way from the node to the registry with “regguard-plugin --repeat 5”.',
}

export default defineCheck({
  id: 'pull-node-fault',
  group: 'cluster',
  title: 'no node keeps an image from being pulled',
  fault: 'Node fault: the registry is not to blame, the node did not take the image.',
  severity: 'error',
  advice: 'Look at the node: its disk, its container runtime, its settings for pulls.',
  reads: ['cluster.pods', 'cluster.events'],
  run: ({ cluster }) =>
    cluster.pulls
      .filter((row) => classOf(row) === 'node')
      .map((row) => {
        const known = advice[row.error.kind]
        return { ...pullFault(row, cluster), ...(known === undefined ? {} : { advice: known }) }
      }),
})
