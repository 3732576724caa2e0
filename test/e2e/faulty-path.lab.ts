import { startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { startDistribution } from '../lab/distribution.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'
import { commonFaultJourneys, rareFaultJourneys } from './fault-journeys.ts'
import { tokenJourneys } from './token-journeys.ts'

// docker-registry 2.8 passes the common ones in faulty-path.spec.ts
commonFaultJourneys('distribution 3.1.1', startDistribution)
commonFaultJourneys('the embedded registry', startEmbeddedRegistry)

rareFaultJourneys('docker-registry 2.8', startDockerRegistry)
rareFaultJourneys('distribution 3.1.1', startDistribution)
rareFaultJourneys('the embedded registry', startEmbeddedRegistry)

tokenJourneys('docker-registry 2.8', startDockerRegistry)
tokenJourneys('distribution 3.1.1', startDistribution)
