/** The sentences with which a template of the chart refuses or warns. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartFolder } from './chart.ts';

/** Every sentence that is appended to this list of a template, with the gaps (`%s`) that some have. */
export function sentencesIn(file: string, list: string): readonly string[] {
  const text = readFileSync(join(chartFolder, 'templates', file), 'utf8');
  const matches = text.matchAll(new RegExp(String.raw`append \$${list} (?:\(printf )?"([^"]*)"`, 'g'));
  const sentences = Array.from(matches, ([, sentence = '']) => sentence);
  if (sentences.length !== text.split(`append $${list}`).length - 1)
    throw new Error(`${file} appends to ${list} what is not read here as a sentence`);
  return sentences;
}

/** Those that no case has the beginning of; of a sentence with a gap, what stands before that counts. */
export function untried(sentences: readonly string[], cases: readonly { readonly says: string }[]): readonly string[] {
  return sentences.filter((sentence) => {
    const beginning = sentence.replace(/%s.*$/, '');
    return !cases.some(({ says }) => says.startsWith(beginning) || beginning.startsWith(says));
  });
}
