import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import type { Environment } from '../../../credentials/helper.ts'
import { readSmallFile } from './small-file.ts'

/** Where a pod finds its service account (Kubernetes' documentation, "Accessing the API from within a Pod"). */
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The name of its context, cluster and user. */
const name = 'in-cluster'

/**
 * A kubeconfig for the service account of the pod this app runs in, which is what kubectl takes where there is no
 * kubeconfig; undefined outside of a pod. Its token changes and is therefore named as a file.
 */
export async function inClusterConfig(env: Environment, folder = serviceAccount) {
  const host = env['KUBERNETES_SERVICE_HOST']
  const port = env['KUBERNETES_SERVICE_PORT']
  if (!host || !port) return undefined
  const tokenFile = join(folder, 'token')
  if ((await readSmallFile(tokenFile)) === undefined) return undefined
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`
  const namespace = (await readSmallFile(join(folder, 'namespace')))?.trim()
  return {
    clusters: [{ name, cluster: { server, 'certificate-authority': join(folder, 'ca.crt') } }],
    users: [{ name, user: { tokenFile } }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace ? { namespace } : {}) } }],
    'current-context': name,
  }
}
