import { labToolPath } from '../../build/lab-tools.ts'
import { type RegistryOptions, type RegistryProcess, startRegistryProcess } from './registry-process.ts'

/** Starts distribution 3, which `npm run test:lab` builds; otherwise like `startDockerRegistry`. */
export function startDistribution(options: RegistryOptions = {}): Promise<RegistryProcess> {
  return startRegistryProcess(labToolPath('distribution'), '`npm run test:lab` builds it', options)
}
