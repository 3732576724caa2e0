import { strategySchema } from '../../shared/model/upload.ts'
import { ourClient, ourPull, ourPush } from '../lab/ours.ts'

/**
 * One job of ours in a process of its own: `start` does nothing, `push` and `pull` take the layout, the registry's
 * address, a repository, a tag and, to push, a strategy. Prints the growth of its memory in bytes: the peak over
 * what was resident when the registry had been greeted, so that code is loaded and a connection stands.
 */
const [job, directory = '', url = '', repository = '', tag = '', strategy] = process.argv.slice(2)

if (url !== '') await ourClient(url).ping()
const before = process.memoryUsage.rss()
if (job === 'push') {
  const mode = strategySchema.parse(strategy)
  await ourPush(directory, { url, repository, tag }, mode, { bufferBytes: Number.MAX_SAFE_INTEGER })
} else if (job === 'pull') {
  await ourPull({ url, repository, tag }, directory)
} else if (job !== 'start') {
  throw new Error(`there is no job ${job ?? ''}`)
}
const peak = process.resourceUsage().maxRSS * 1024
process.stdout.write(`${JSON.stringify({ growth: Math.max(0, peak - before) })}\n`)
