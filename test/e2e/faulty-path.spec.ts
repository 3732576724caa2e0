import { startDockerRegistry } from '../lab/docker-registry.ts'
import { commonFaultJourneys } from './fault-journeys.ts'

// the other registries and the rarer faults are in faulty-path.lab.ts
commonFaultJourneys('docker-registry 2.8', startDockerRegistry)
