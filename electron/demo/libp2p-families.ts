import type { Family, Sample } from './metrics-text.ts'
import { histogram } from './metrics-text.ts'

type Labels = Record<string, string>
type Row = [name: string, type: 'counter' | 'gauge', help: string, series: [labels: Labels, value: number][]]

const inbound = { dir: 'inbound' }
const outbound = { dir: 'outbound' }
const both = [inbound, outbound]
const upgraded = {
  early_muxer: 'true',
  ip_version: 'ip4',
  muxer: '/yamux/1.0.0',
  security: '/tls/1.0.0',
  transport: 'tcp',
}
const dialed = { num_dials: '1', outcome: 'success' }

const untilTwenty = Array.from({ length: 20 }, (_, index) => index + 1)
const bounds = {
  counts: [...untilTwenty, ...Array.from({ length: 16 }, (_, index) => 25 + 5 * index)],
  memory: [2 ** 10, 2 ** 12, 2 ** 15, 2 ** 20, 2 ** 25, 2 ** 28, 2 ** 29, 2 ** 30, 2 ** 31, 2 ** 32],
  peers: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 32, 64, 128, 256],
  dials: [0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2],
  // the client multiplies on, so the digits of the product are part of the text
  handshakes: Array.from({ length: 34 }).reduce<number[]>(
    (all) => [...all, (all.at(-1) ?? 0) * 1.3],
    [0.001],
  ),
}

/** The families go-libp2p 0.48 adds to an agent's own (Spegel 0.7.4, read off a real one), for so many peers. */
export function libp2pFamilies(peers: number, now: number): Family[] {
  const rows: Row[] = [
    ['libp2p_autonat_next_probe_timestamp', 'gauge', 'Time of next probe', [[{}, Math.round(now) + 90]]],
    ['libp2p_autonat_reachability_status', 'gauge', 'Current node reachability', [[{}, 0]]],
    [
      'libp2p_autonat_reachability_status_confidence',
      'gauge',
      'Node reachability status confidence',
      [[{}, 0]],
    ],
    ['libp2p_eventbus_events_emitted_total', 'counter', 'Events Emitted', emitted(peers)],
    ...queues,
    [
      'libp2p_eventbus_subscribers_total',
      'gauge',
      'Number of subscribers for an event type',
      subscribers.map(([event, count]) => [{ event }, count]),
    ],
    ['libp2p_identify_addrs_count', 'gauge', 'Address Count', [[{}, 1]]],
    [
      'libp2p_identify_conn_push_support_total',
      'counter',
      'Identify Connection Push Support',
      [[{ support: 'supported' }, peers]],
    ],
    [
      'libp2p_identify_identify_pushes_triggered_total',
      'counter',
      'Pushes Triggered',
      [[{ trigger: 'protocols_updated' }, 1]],
    ],
    ['libp2p_identify_identify_total', 'counter', 'Identify', both.map((dir) => [dir, peers])],
    ['libp2p_identify_protocols_count', 'gauge', 'Protocols Count', [[{}, 5]]],
    ['libp2p_rcmgr_connections', 'gauge', 'Number of Connections', connections(peers)],
    [
      'libp2p_rcmgr_fds',
      'gauge',
      'Number of file descriptors reserved as reported to the Resource Manager',
      [
        [{ scope: 'system' }, peers],
        [{ scope: 'transient' }, 0],
      ],
    ],
    ['libp2p_rcmgr_limit', 'gauge', 'Resource manager limits', limits],
    [
      'libp2p_rcmgr_memory',
      'gauge',
      'Amount of memory reserved as reported to the Resource Manager',
      [
        [{ protocol: '', scope: 'system' }, 2 ** 20],
        [{ protocol: '/ipfs/id/1.0.0', scope: 'protocol' }, 0],
      ],
    ],
    ['libp2p_rcmgr_streams', 'gauge', 'Number of Streams', streams(peers)],
    [
      'libp2p_swarm_connections_opened_total',
      'counter',
      'Connections Opened',
      both.map((dir) => [{ ...dir, ...upgraded }, peers]),
    ],
    [
      'libp2p_swarm_dials_per_peer_total',
      'counter',
      'Number of addresses dialed per peer',
      [[dialed, peers]],
    ],
    [
      'libp2p_swarm_key_types_total',
      'counter',
      'key type',
      both.map((dir) => [{ ...dir, key_type: 'Ed25519' }, peers]),
    ],
  ]
  return [
    ...rows.map(([name, type, help, series]): Family => ({
      name,
      type,
      help,
      samples: series.map(([labels, value]) => ({ labels, value })),
    })),
    ...histograms(peers),
  ]
}

function histograms(peers: number): Family[] {
  const family = (name: string, help: string, of: readonly number[], series: Labels[], mean: number) => ({
    name: `libp2p_${name}`,
    type: 'histogram' as const,
    help,
    samples: series.flatMap((labels): Sample[] =>
      histogram(
        labels,
        peers,
        mean,
        of,
        of.map((bound) => (bound < mean ? 0 : 1)),
      ),
    ),
  })
  const { counts, memory, peers: perPeer, dials, handshakes } = bounds
  const reserved = 'reserved this bucket of memory, as reported to the Resource Manager'
  const subtract =
    'Number of connections this peer previously had. This is used to get the current connection number per peer ' +
    'histogram by subtracting this from the peer_connections histogram'
  return [
    family('identify_addrs_received', 'Number of addrs received', counts, [{}], 1),
    family('identify_protocols_received', 'Number of Protocols received', counts, [{}], 5),
    family('rcmgr_conn_memory', `How many conns have ${reserved}`, memory, [{}], 0),
    family('rcmgr_peer_connections', 'Number of connections this peer has', perPeer, both, 1),
    family('rcmgr_peer_memory', `How many peers have ${reserved}`, memory, [{}], 2 ** 18),
    family('rcmgr_peer_streams', 'Number of streams this peer has', perPeer, both, 1),
    family('rcmgr_previous_conn_memory', `How many conns have previously ${reserved}`, memory, [{}], 0),
    family('rcmgr_previous_peer_connections', subtract, perPeer, both, 0),
    family('rcmgr_previous_peer_memory', `How many peers have previously ${reserved}`, memory, [{}], 2 ** 18),
    family('rcmgr_previous_peer_streams', 'Number of streams this peer has', perPeer, both, 1),
    family(
      'swarm_dial_latency_seconds',
      'time taken to establish connection with the peer',
      dials,
      [dialed],
      0.004,
    ),
    family('swarm_dial_ranking_delay_seconds', 'delay introduced by the dial ranking logic', dials, [{}], 0),
    family(
      'swarm_handshake_latency_seconds',
      'Duration of the libp2p Handshake',
      handshakes,
      [upgraded],
      0.0035,
    ),
  ]
}

function emitted(peers: number): Row[3] {
  const events: [string, number][] = [
    ['EvtLocalAddressesUpdated', 1],
    ['EvtLocalProtocolsUpdated', 5],
    ['EvtPeerConnectednessChanged', peers],
    ['EvtPeerIdentificationCompleted', peers],
  ]
  return events.map(([event, count]) => [{ event }, count])
}

const subscribers: [string, number][] = [
  ['EvtAutoRelayAddrsUpdated', 1],
  ['EvtLocalAddressesUpdated', 3],
  ['EvtLocalProtocolsUpdated', 1],
  ['EvtLocalReachabilityChanged', 1],
  ['EvtPeerConnectednessChanged', 2],
  ['EvtPeerIdentificationCompleted', 2],
  ['EvtPeerProtocolsUpdated', 1],
]

const names = ['autonat', 'pstoremanager']
const queued = (value: number): Row[3] => names.map((name) => [{ subscriber_name: name }, value])
const queues: Row[] = [
  ['libp2p_eventbus_subscriber_event_queued', 'counter', 'Event Queued for subscriber', queued(2)],
  ['libp2p_eventbus_subscriber_queue_full', 'gauge', 'Subscriber Queue completely full', queued(0)],
  ['libp2p_eventbus_subscriber_queue_length', 'gauge', 'Subscriber queue length', queued(1)],
]

/** Half of the peers dialed, half of them were dialed: the sum is what counts. */
function connections(peers: number): Row[3] {
  const dialing = Math.floor(peers / 2)
  return [
    [{ ...inbound, scope: 'system' }, peers - dialing],
    [{ ...inbound, scope: 'transient' }, 0],
    [{ ...outbound, scope: 'system' }, dialing],
    [{ ...outbound, scope: 'transient' }, 0],
  ]
}

function streams(peers: number): Row[3] {
  const scopes: [protocol: string, scope: string, count: number][] = [
    ['', 'system', peers],
    ['', 'transient', 0],
    ['/ipfs/id/1.0.0', 'protocol', 0],
    ['/spegel/kad/1.0.0', 'protocol', peers],
  ]
  return both.flatMap((dir) =>
    scopes.map(([protocol, scope, count]): [Labels, number] => [{ ...dir, protocol, scope }, count]),
  )
}

const limits: Row[3] = Object.entries({
  conns: [504, 158],
  conns_inbound: [252, 79],
  conns_outbound: [504, 158],
  fd: [10_000, 2500],
  memory: [3_293_577_216, 428_474_368],
  streams: [8074, 1009],
  streams_inbound: [4037, 504],
  streams_outbound: [8074, 1009],
}).flatMap(([resource, [system = 0, transient = 0]]): Row[3] => [
  [{ resource, scope: 'system' }, system],
  [{ resource, scope: 'transient' }, transient],
])
