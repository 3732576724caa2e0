import { chartLimits } from '../../shared/model/chart.ts'
import { FailureError } from '../../shared/model/failure.ts'
import { type HelmIgnore, readHelmignore } from '../../shared/model/helmignore.ts'
import { failureError } from '../../shared/model/local-failure.ts'

/** A file of a folder, below it and with `/` between the parts of its path. */
export interface FolderFile {
  readonly path: string
  readonly file: File
}

/** A folder that was chosen or dropped. */
export interface ChosenFolder {
  readonly name: string
  /**
   * The files .helmignore does not leave out; directories it names are not entered. Throws a FailureError where they
   * are more than a chart may hold, or cannot be read.
   */
  list(): Promise<readonly FolderFile[]>
}

/** What may be taken in. */
export type Chosen = File | ChosenFolder

export function isFolder(chosen: Chosen): chosen is ChosenFolder {
  return 'list' in chosen
}

/** Directories one in another, and names looked at, before a folder is taken for something else than a chart. */
const walkLimits = { depth: 100, names: 200_000 } as const
const helmignoreBytes = 1024 * 1024

/** Files and folders of a drop. Has to be called in the event itself: afterwards the browser has forgotten them. */
export function chosenIn(data: DataTransfer): Chosen[] {
  const chosen: Chosen[] = []
  for (const item of data.items) {
    if (item.kind !== 'file') continue
    const entry = item.webkitGetAsEntry()
    const file = item.getAsFile()
    if (entry?.isDirectory === true) chosen.push(droppedFolder(entry as FileSystemDirectoryEntry))
    else if (file !== null) chosen.push(file)
  }
  return chosen
}

/** The folder of an input that chooses one: its files all at once, each with its path. */
export function chosenFolders(files: readonly File[]): ChosenFolder[] {
  const folders = Map.groupBy(files, (file) => file.webkitRelativePath.split('/', 1)[0] ?? '')
  return [...folders].map(([name, own]) => ({
    name,
    list: async () => {
      const all = own.map((file) => ({ path: file.webkitRelativePath.slice(name.length + 1), file }))
      const rules = await rulesOf(all.find(({ path }) => path === '.helmignore')?.file)
      return bounded(all.filter(({ path }) => !rules.leavesOut(path)))
    },
  }))
}

function droppedFolder(root: FileSystemDirectoryEntry): ChosenFolder {
  return {
    name: root.name,
    list: async () => {
      try {
        const entries = await entriesOf(root)
        const own = entries.find((entry) => entry.name === '.helmignore' && entry.isFile)
        const rules = await rulesOf(own === undefined ? undefined : await fileOf(own as FileSystemFileEntry))
        const walk: Walk = { rules, files: [], names: 0 }
        await walkInto(walk, entries, '', 0)
        return bounded(walk.files)
      } catch (error) {
        if (error instanceof FailureError) throw error
        const why = error instanceof DOMException ? error.name : 'unknown'
        throw failureError('input-invalid', 'input', `"${root.name}" could not be read.`, {
          evidence: [{ fact: 'error-code', value: why }],
          next: ['choose-another-file'],
        })
      }
    },
  }
}

interface Walk {
  rules: HelmIgnore
  files: FolderFile[]
  names: number
}

async function walkInto(
  walk: Walk,
  entries: readonly FileSystemEntry[],
  prefix: string,
  depth: number,
): Promise<void> {
  walk.names += entries.length
  if (depth > walkLimits.depth) throw tooLarge('Its directories lie too deep', walkLimits.depth)
  if (walk.names > walkLimits.names) throw tooLarge('It holds too many names', walkLimits.names)
  for (const entry of entries) {
    const path = `${prefix}${entry.name}`
    if (walk.rules.names(path, entry.isDirectory)) continue
    if (entry.isDirectory) {
      const inside = await entriesOf(entry as FileSystemDirectoryEntry)
      await walkInto(walk, inside, `${path}/`, depth + 1)
    } else {
      walk.files.push({ path, file: await fileOf(entry as FileSystemFileEntry) })
    }
  }
}

/** All entries of a directory: the reader hands them out in lots, and an empty one is the end. */
async function entriesOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader()
  const entries: FileSystemEntry[] = []
  for (;;) {
    const lot = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (lot.length === 0) return entries
    entries.push(...lot)
    if (entries.length > walkLimits.names) throw tooLarge('It holds too many names', walkLimits.names)
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

async function rulesOf(file: File | undefined): Promise<HelmIgnore> {
  if (file === undefined) return readHelmignore('')
  if (file.size > helmignoreBytes) throw tooLarge('.helmignore is too large', helmignoreBytes)
  return readHelmignore(await file.text())
}

/** Says what is too much before it is sent; the host counts for itself. */
function bounded(files: readonly FolderFile[]): readonly FolderFile[] {
  if (files.length > chartLimits.files) throw tooLarge('It holds too many files', chartLimits.files)
  const large = files.find(({ file }) => file.size > chartLimits.file)
  if (large !== undefined) throw tooLarge('A file of the chart is too large', chartLimits.file, large.path)
  const total = files.reduce((bytes, { file }) => bytes + file.size, 0)
  if (total > chartLimits.content) throw tooLarge('The files of the chart are too large', chartLimits.content)
  return files
}

function tooLarge(what: string, limit: number, entry?: string): FailureError {
  const evidence = [{ fact: 'limit' as const, value: String(limit) }]
  const named = entry === undefined ? [] : [{ fact: 'entry' as const, value: entry.slice(0, 2000) }]
  return failureError('file-too-large', 'input', `${what}: the limit is ${limit}.`, {
    evidence: [...evidence, ...named],
    next: ['choose-another-file'],
  })
}
