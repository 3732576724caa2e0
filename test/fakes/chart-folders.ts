import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { chartArchive, chartYaml } from './charts.ts'

/** Files of a folder by their paths; one that begins with `link to ` is a symbolic link. */
export type Folder = Readonly<Record<string, string | Uint8Array>>

/** Writes a folder, every file of it changed at `changed`. */
export async function writeFolder(root: string, folder: Folder, changed = new Date(0)): Promise<void> {
  for (const [path, content] of Object.entries(folder)) {
    const place = join(root, path)
    await mkdir(dirname(place), { recursive: true })
    if (typeof content === 'string' && content.startsWith('link to ')) {
      await symlink(content.slice('link to '.length), place)
    } else {
      await writeFile(place, content)
      await utimes(place, changed, changed)
    }
  }
}

const template = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Chart.Name }}\ndata:\n'

/** A few charts that between them have what packaging looks at; the order of more than one subchart is Go's chance. */
export const chartFolders = {
  plain: {
    'Chart.yaml': `# a comment\n${chartYaml('plain', '1.2.3+build.4', 'description: A <b> & "c"\nappVersion: "1.10"\n')}`,
    'values.yaml': '\uFEFFreplicas: 1\n',
    'values.schema.json': '{"type":"object"}',
    'templates/config.yaml': `${template}  a: "{{ .Values.replicas }}"\n`,
    'templates/_helpers.tpl': '{{- define "x" }}x{{ end }}',
    'templates/.hidden.yaml': 'left out by the rule there always is',
    'templates/deep/er.yaml': `${template}  b: "2"\n`,
    'crds/thing.yaml': 'kind: CustomResourceDefinition\n',
    'README.md': '# plain\n',
    'a.txt': 'before a/',
    'a/b.txt': 'after a',
    'a-b.txt': 'between',
    'Zed.txt': 'capital letters first',
    'ünï.txt': 'not ASCII',
    'empty.txt': '',
  },
  ignoring: {
    'Chart.yaml': chartYaml('ignoring'),
    '.helmignore':
      '\uFEFF# comment\r\n*.tmp\r\n\n/only-top.txt\nbuild/\nfiles/[a-c]?.txt\n  spaced.txt  \nback\\*slash\n.git\n',
    'a.tmp': 'x',
    'deep/b.tmp': 'x',
    'only-top.txt': 'x',
    'deep/only-top.txt': 'stays',
    'build/out.txt': 'x',
    'deep/build/out.txt': 'x',
    'docs/build': 'a file, which stays',
    'files/a1.txt': 'x',
    'files/d1.txt': 'stays',
    'files/deep/a1.txt': 'stays',
    'spaced.txt': 'x',
    'back*slash': 'x',
    backXslash: 'stays',
    '.git/config': 'x',
    'templates/a.yaml': `${template}  a: "1"\n`,
  },
  first: {
    'Chart.yaml':
      'name: first\nversion: 0.1.0\nmaintainers:\n- name: No Mail\n- {name: B, email: b@example.com}\n',
    'requirements.yaml': 'dependencies:\n- name: sub\n  version: 1.0.0\n  repository: file://../sub\n',
    'requirements.lock': 'dependencies:\n- name: sub\n  repository: ""\n  version: 1.0.0\ndigest: sha256:x\n',
    'charts/sub/Chart.yaml': chartYaml('sub'),
    'charts/sub/templates/a.yaml': `${template}  a: "1"\n`,
    'charts/sub/.helmignore': 'templates\n',
    'charts/_left/notes.txt': 'left out',
    'charts/.keep': '',
  },
  locked: {
    'Chart.yaml': chartYaml(
      'locked',
      '2.0.0',
      'kubeVersion: ">=1.20.0-0"\ntype: application\ndeprecated: true\nannotations:\n  b/2: "yes"\n  a/10: |\n    - one\n    - two\n  a/9: "2020-01-02"\nkeywords: [x, "no", 1]\ndependencies:\n- name: common\n  version: ^1\n  repository: oci://example.com/charts\n  alias: shared\n  condition: shared.enabled\n  tags: [t]\n  import-values: [data, {child: a, parent: b}]\n',
    ),
    'Chart.lock':
      'dependencies:\n- name: common\n  repository: oci://example.com/charts\n  version: 1.0.0\ndigest: sha256:0123\ngenerated: 2024-05-06T07:08:09.120300000+02:00\n',
    'templates/a.yaml': `${template}  a: "1"\n`,
  },
} satisfies Record<string, Folder>

/** The archive of the library that `locked` declares. */
export async function commonArchive(): Promise<Buffer> {
  return chartArchive({ name: 'common', more: 'type: application\nicon: https://example.com/i.svg\n' })
}
