import { quirkCheck } from '../quirk-check.ts'

export default quirkCheck({
  id: 'proxy-zero-length',
  quirk: 'length-zero',
  title: 'HEAD tells the right length',
  fault: 'HEAD says that blobs are empty, and GET serves them.',
  advice:
    'Look at the proxy before the registry: it sets Content-Length: 0 on answers to HEAD, which breaks some clients.',
})
