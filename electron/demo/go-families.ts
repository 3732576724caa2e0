import type { AgentCounters } from './agent-counters.ts'
import type { Family } from './metrics-text.ts'

type Row = [name: string, type: 'counter' | 'gauge', help: string, value: number]

/** What Go's client says of its runtime, with the values of an agent that idles (Spegel 0.7.4, read off a real one). */
const runtime: readonly Row[] = [
  [
    'go_gc_gogc_percent',
    'gauge',
    'Heap size target percentage configured by the user, otherwise 100. This value is set by the GOGC environment variable, and the runtime/debug.SetGCPercent function. Sourced from /gc/gogc:percent.',
    100,
  ],
  [
    'go_gc_gomemlimit_bytes',
    'gauge',
    'Go runtime memory limit configured by the user, otherwise math.MaxInt64. This value is set by the GOMEMLIMIT environment variable, and the runtime/debug.SetMemoryLimit function. Sourced from /gc/gomemlimit:bytes.',
    9.223372036854776e18,
  ],
  ['go_goroutines', 'gauge', 'Number of goroutines that currently exist.', 69],
  [
    'go_memstats_alloc_bytes',
    'gauge',
    'Number of bytes allocated in heap and currently in use. Equals to /memory/classes/heap/objects:bytes.',
    3_043_144,
  ],
  [
    'go_memstats_alloc_bytes_total',
    'counter',
    'Total number of bytes allocated in heap until now, even if released already. Equals to /gc/heap/allocs:bytes.',
    6_520_000,
  ],
  [
    'go_memstats_buck_hash_sys_bytes',
    'gauge',
    'Number of bytes used by the profiling bucket hash table. Equals to /memory/classes/profiling/buckets:bytes.',
    1_451_032,
  ],
  [
    'go_memstats_frees_total',
    'counter',
    'Total number of heap objects frees. Equals to /gc/heap/frees:objects + /gc/heap/tiny/allocs:objects.',
    40_394,
  ],
  [
    'go_memstats_gc_sys_bytes',
    'gauge',
    'Number of bytes used for garbage collection system metadata. Equals to /memory/classes/metadata/other:bytes.',
    3_544_816,
  ],
  [
    'go_memstats_heap_alloc_bytes',
    'gauge',
    'Number of heap bytes allocated and currently in use, same as go_memstats_alloc_bytes. Equals to /memory/classes/heap/objects:bytes.',
    3_043_144,
  ],
  [
    'go_memstats_heap_idle_bytes',
    'gauge',
    'Number of heap bytes waiting to be used. Equals to /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.',
    5_947_392,
  ],
  [
    'go_memstats_heap_inuse_bytes',
    'gauge',
    'Number of heap bytes that are in use. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes',
    5_488_640,
  ],
  [
    'go_memstats_heap_objects',
    'gauge',
    'Number of currently allocated objects. Equals to /gc/heap/objects:objects.',
    21_064,
  ],
  [
    'go_memstats_heap_released_bytes',
    'gauge',
    'Number of heap bytes released to OS. Equals to /memory/classes/heap/released:bytes.',
    5_332_992,
  ],
  [
    'go_memstats_heap_sys_bytes',
    'gauge',
    'Number of heap bytes obtained from system. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes + /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.',
    11_436_032,
  ],
  [
    'go_memstats_last_gc_time_seconds',
    'gauge',
    'Number of seconds since 1970 of last garbage collection.',
    1.7953452344927518e9,
  ],
  [
    'go_memstats_mallocs_total',
    'counter',
    'Total number of heap objects allocated, both live and gc-ed. Semantically a counter version for go_memstats_heap_objects gauge. Equals to /gc/heap/allocs:objects + /gc/heap/tiny/allocs:objects.',
    61_458,
  ],
  [
    'go_memstats_mcache_inuse_bytes',
    'gauge',
    'Number of bytes in use by mcache structures. Equals to /memory/classes/metadata/mcache/inuse:bytes.',
    4592,
  ],
  [
    'go_memstats_mcache_sys_bytes',
    'gauge',
    'Number of bytes used for mcache structures obtained from system. Equals to /memory/classes/metadata/mcache/inuse:bytes + /memory/classes/metadata/mcache/free:bytes.',
    16_072,
  ],
  [
    'go_memstats_mspan_inuse_bytes',
    'gauge',
    'Number of bytes in use by mspan structures. Equals to /memory/classes/metadata/mspan/inuse:bytes.',
    106_400,
  ],
  [
    'go_memstats_mspan_sys_bytes',
    'gauge',
    'Number of bytes used for mspan structures obtained from system. Equals to /memory/classes/metadata/mspan/inuse:bytes + /memory/classes/metadata/mspan/free:bytes.',
    114_240,
  ],
  [
    'go_memstats_next_gc_bytes',
    'gauge',
    'Number of heap bytes when next garbage collection will take place. Equals to /gc/heap/goal:bytes.',
    6_086_922,
  ],
  [
    'go_memstats_other_sys_bytes',
    'gauge',
    'Number of bytes used for other system allocations. Equals to /memory/classes/other:bytes.',
    745_720,
  ],
  [
    'go_memstats_stack_inuse_bytes',
    'gauge',
    'Number of bytes obtained from system for stack allocator in non-CGO environments. Equals to /memory/classes/heap/stacks:bytes.',
    1_146_880,
  ],
  [
    'go_memstats_stack_sys_bytes',
    'gauge',
    'Number of bytes obtained from system for stack allocator. Equals to /memory/classes/heap/stacks:bytes + /memory/classes/os-stacks:bytes.',
    1_146_880,
  ],
  [
    'go_memstats_sys_bytes',
    'gauge',
    'Number of bytes obtained from system. Equals to /memory/classes/total:byte.',
    18_454_792,
  ],
  [
    'go_sched_gomaxprocs_threads',
    'gauge',
    'The current runtime.GOMAXPROCS setting, or the number of operating system threads that can execute user-level Go code simultaneously. Sourced from /sched/gomaxprocs:threads.',
    2,
  ],
  ['go_threads', 'gauge', 'Number of OS threads created.', 10],
  ['process_max_fds', 'gauge', 'Maximum number of open file descriptors.', 20_000],
  ['process_open_fds', 'gauge', 'Number of open file descriptors.', 19],
  ['process_virtual_memory_bytes', 'gauge', 'Virtual memory size in bytes.', 1_934_118_912],
  [
    'process_virtual_memory_max_bytes',
    'gauge',
    'Maximum amount of virtual memory available in bytes.',
    1.8446744073709552e19,
  ],
]

/** The families of Go's client and of the process, as every agent has them beside its own. */
export function goFamilies(
  { uptime, startedAt, registries }: AgentCounters,
  { go, resident }: { go: string; resident: number },
): Family[] {
  const moved = registries.reduce((sum, { hits }) => sum + hits, 0) * 2_400_000
  const own: Row[] = [
    [
      'process_cpu_seconds_total',
      'counter',
      'Total user and system CPU time spent in seconds.',
      Math.round(uptime * 0.4) / 100,
    ],
    [
      'process_network_receive_bytes_total',
      'counter',
      'Number of bytes received by the process over the network.',
      moved,
    ],
    [
      'process_network_transmit_bytes_total',
      'counter',
      'Number of bytes sent by the process over the network.',
      moved,
    ],
    ['process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', resident],
    [
      'process_start_time_seconds',
      'gauge',
      'Start time of the process since unix epoch in seconds.',
      startedAt,
    ],
  ]
  return [
    pauses,
    {
      name: 'go_info',
      type: 'gauge',
      help: 'Information about the Go environment.',
      samples: [{ labels: { version: go }, value: 1 }],
    },
    ...[...runtime, ...own].map(([name, type, help, value]): Family => ({
      name,
      type,
      help,
      samples: [{ labels: {}, value }],
    })),
  ]
}

const pauses: Family = {
  name: 'go_gc_duration_seconds',
  type: 'summary',
  help: 'A summary of the wall-time pause (stop-the-world) duration in garbage collection cycles.',
  samples: [
    ...[3.5e-5, 3.5e-5, 0.00035, 0.00148, 0.00148].map((value, quarter) => ({
      labels: { quantile: String(quarter / 4) },
      value,
    })),
    { suffix: '_sum', labels: {}, value: 0.001865 },
    { suffix: '_count', labels: {}, value: 3 },
  ],
}
