import { field, list } from './json.ts';

/** Whether the status of a pod or node has the condition; `undefined` where it is not there, or is `Unknown`. */
export function condition(status: unknown, type: string): boolean | undefined {
  const found = list(field(status, 'conditions')).find((each) => field(each, 'type') === type);
  const value = field(found, 'status');
  if (value === 'True') return true;
  return value === 'False' ? false : undefined;
}
