import type { Failure } from '../../../../shared/model/failure.ts'
import { localFailure } from '../../../../shared/model/local-failure.ts'
import type { ContainerStatus, Pod } from './objects.ts'

/** Why a pod does not run: the word kubectl would show, and what the cluster says about it. */
interface Trouble {
  reason: string
  message: string | undefined
}

/**
 * Why nothing can be asked of a pod's agent, in the cluster's own words, or undefined where its container runs. One that
 * runs and is not ready is asked: Spegel on the only node of a cluster never gets ready, and its metrics answer.
 */
export function notRunning(pod: Pod, container: string | undefined, host: string): Failure | undefined {
  const own = pod.status.containerStatuses.find(({ name }) => name === container)
  if (own?.state.running !== undefined) return undefined
  const { reason, message } = troubleOf(pod, own)
  const restarts = restartsOf(pod)
  const often = restarts === 0 ? '' : `, restarted ${restarts} times`
  const { namespace, name } = pod.metadata
  return {
    ...localFailure(
      'not-running',
      'scrape',
      `The pod ${namespace}/${name} does not run: ${reason}${often}.`,
      {
        host,
        evidence: [
          { fact: 'actual', value: reason },
          ...(message === undefined ? [] : [{ fact: 'message' as const, value: message.slice(0, 1000) }]),
        ],
        retryable: true,
        next: ['check-mirror-agent', 'ask-cluster-admin'],
      },
    ),
    answeredBy: 'api-server',
  }
}

/** What the cluster says of a pod whose agent was asked and did not answer as it should; empty where all is well. */
export function notReady(pod: Pod): string {
  const ready = pod.status.conditions.find(({ type }) => type === 'Ready')
  const restarts = restartsOf(pod)
  return [
    ready?.status === 'True' ? '' : (ready?.reason ?? 'not ready'),
    restarts === 0 ? '' : `restarted ${restarts} times`,
    pod.metadata.deletionTimestamp === undefined ? '' : 'Terminating',
  ]
    .filter((part) => part !== '')
    .join(', ')
    .slice(0, 500)
}

/** What holds it up comes first: an init container, its own, the pod as a whole, the scheduler. */
function troubleOf({ status, metadata }: Pod, own: ContainerStatus | undefined): Trouble {
  const init = status.initContainerStatuses
    .map((each) => ofContainer(each))
    .find((found) => found !== undefined)
  if (init !== undefined) return { ...init, reason: `Init: ${init.reason}` }
  const trouble = own === undefined ? undefined : ofContainer(own)
  if (trouble !== undefined) return trouble
  if (status.reason) return { reason: cut(status.reason), message: status.message }
  if (metadata.deletionTimestamp !== undefined) return { reason: 'Terminating', message: undefined }
  const scheduled = status.conditions.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status === 'False') {
    return { reason: cut(scheduled.reason ?? 'Unschedulable'), message: scheduled.message }
  }
  return { reason: cut(status.phase ?? 'Unknown'), message: status.message }
}

/** An init container that is done or still at work is no trouble. */
function ofContainer({ state, lastState }: ContainerStatus): Trouble | undefined {
  const { waiting, terminated } = state
  const ended = terminated ?? lastState.terminated
  const code = ended?.exitCode === undefined ? '' : `exit code ${ended.exitCode}`
  const how = ended === undefined ? '' : ` (${[ended.reason, code].filter(Boolean).join(', ')})`
  if (waiting !== undefined && waiting.reason !== 'PodInitializing') {
    return {
      reason: cut(`${waiting.reason ?? 'Waiting'}${how}`),
      message: waiting.message ?? ended?.message,
    }
  }
  if (terminated !== undefined && terminated.exitCode !== 0) {
    return { reason: cut(`Terminated${how}`), message: terminated.message }
  }
  return undefined
}

function restartsOf({ status }: Pod): number {
  const statuses = [...status.initContainerStatuses, ...status.containerStatuses]
  return Math.max(0, ...statuses.map(({ restartCount }) => restartCount))
}

function cut(text: string): string {
  return text.slice(0, 200)
}
