import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'storage-hashes-forgotten',
  group: 'storage',
  title: 'what was hashed is remembered between runs',
  fault:
    'Hashes forgotten: what earlier runs hashed is not known, or what this one hashed could not be written down.',
  severity: 'warning',
  advice:
    'Check the folder of state_dir: it has to be kept between runs, writable, with some space left; regguard writes its file anew.',
  reads: ['storage.hashes'],
  run: ({ storage: { hashes } }) => {
    const why = hashes?.seen ? hashes.value.stateLost : undefined
    return why === undefined ? [] : [{ subject: 'state_dir', message: why }]
  },
})
