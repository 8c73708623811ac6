import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'connection-cut',
  title: 'connections stay open until the response is complete',
  fault: 'Connection cut: connections to the host break before the response is complete.',
  advice:
    'Check what is between this runner and the host: a proxy that cannot buffer large responses (`proxy_temp_path`, `proxy_max_temp_file_size`), caps their size (Cloud Run: 32 MiB) or has a short timeout, a firewall that drops idle connections, a hop with a smaller MTU.',
})
