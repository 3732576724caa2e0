import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'

export interface DemoChart {
  name: string
  description: string
  version: string
  created: Date
}

/** Chart.yaml of a demo chart as JSON, which YAML is a superset of. */
function metadataOf(chart: DemoChart): Record<string, unknown> {
  return {
    apiVersion: 'v2',
    name: chart.name,
    description: chart.description,
    type: 'application',
    version: chart.version,
    appVersion: chart.version.split('+', 1)[0],
    kubeVersion: '>=1.28.0-0',
    keywords: ['demo'],
    maintainers: [{ name: 'Demo', email: 'demo@chartroom.invalid' }],
  }
}

/** A chart that `helm template` renders, packed as `helm package` packs: one folder named as the chart. */
export async function packChart(
  chart: DemoChart,
): Promise<{ metadata: Record<string, unknown>; tgz: Uint8Array }> {
  const metadata = metadataOf(chart)
  const chartYaml = Object.entries(metadata).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
  const files = {
    'Chart.yaml': chartYaml.join(''),
    'values.yaml': valuesYaml(chart),
    'README.md': `# ${chart.name}\n\n${chart.description}.\n`,
    'templates/deployment.yaml': deploymentYaml,
    'templates/service.yaml': serviceYaml,
  }
  const entries = Object.entries(files).map(([name, text]) => {
    const body = Buffer.from(text)
    return {
      header: {
        name: `${chart.name}/${name}`,
        size: body.byteLength,
        mode: 0o644,
        type: 'file' as const,
        mtime: chart.created,
      },
      body,
    }
  })
  return { metadata, tgz: gzipSync(await packTar(entries)) }
}

function valuesYaml(chart: DemoChart): string {
  return `replicas: 2
image:
  repository: images/${chart.name}
  tag: ${JSON.stringify(chart.version.split('+', 1)[0])}
service:
  port: 8080
`
}

const deploymentYaml = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      app.kubernetes.io/instance: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app.kubernetes.io/instance: {{ .Release.Name }}
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          ports:
            - containerPort: {{ .Values.service.port }}
`

const serviceYaml = `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
spec:
  selector:
    app.kubernetes.io/instance: {{ .Release.Name }}
  ports:
    - port: {{ .Values.service.port }}
`
