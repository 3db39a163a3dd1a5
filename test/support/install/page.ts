/** The commands of a page of docs/, as they stand there. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const docs = join(import.meta.dirname, '../../../docs');

/** Those of a section, each on one line. */
export async function commandsOf(heading: string, page = 'install.md'): Promise<readonly string[]> {
  const section = (await readFile(join(docs, page), 'utf8')).split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';
  const blocks = Array.from(section.matchAll(/```sh\n([^]*?)```/g), ([, block = '']) => block);
  const commands = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').trimEnd().split('\n'));
  if (commands.length === 0) throw new Error(`docs/${page} has no commands under ${heading}`);
  return commands;
}
