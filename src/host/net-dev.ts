/** `/proc/<pid>/net/dev`: the interfaces of the process's network namespace. proc_pid_net(5). */
import type { Count } from '../model.ts';
import { parseCount } from './count.ts';
import { createFieldBounds, find, forEachLine, space, text } from './lines.ts';
import type { Malformed } from './parser.ts';

export interface InterfaceCounters {
  readonly name: string;
  readonly rxBytes: Count;
  readonly rxPackets: Count;
  readonly rxErrors: Count;
  readonly rxDropped: Count;
  readonly txBytes: Count;
  readonly txPackets: Count;
  readonly txErrors: Count;
  readonly txDropped: Count;
}

const colon = 58;
const pipe = 124;
const headerLines = 2;
/** Receive: bytes packets errs drop fifo frame compressed multicast. Transmit: bytes packets errs drop fifo colls carrier compressed. */
const columns = 16;
const transmit = 8;

const fields = createFieldBounds(columns);

/**
 * One row an interface, in the kernel's order. A row with a number that is missing or none is reported and left out.
 * A name may hold any byte but white space, `/` and `:`, and its colon may touch the first number.
 */
export function parseNetDev(bytes: Uint8Array, end: number, malformed: Malformed): readonly InterfaceCounters[] {
  const interfaces: InterfaceCounters[] = [];
  forEachLine(bytes, end, malformed, (start, stop, index) => {
    const nameEnd = find(bytes, colon, start, stop);
    if (nameEnd === stop) return index < headerLines && find(bytes, pipe, start, stop) < stop;
    let nameStart = start;
    while (bytes[nameStart] === space) nameStart += 1;
    if (nameStart === nameEnd || fields.split(bytes, nameEnd + 1, stop) < columns) return false;
    const row = parseRow(bytes, nameStart, nameEnd);
    if (row !== undefined) interfaces.push(row);
    return row !== undefined;
  });
  return interfaces;
}

function parseRow(bytes: Uint8Array, nameStart: number, nameEnd: number): InterfaceCounters | undefined {
  const rxBytes = column(bytes, 0);
  const rxPackets = column(bytes, 1);
  const rxErrors = column(bytes, 2);
  const rxDropped = column(bytes, 3);
  const txBytes = column(bytes, transmit);
  const txPackets = column(bytes, transmit + 1);
  const txErrors = column(bytes, transmit + 2);
  const txDropped = column(bytes, transmit + 3);
  if (rxBytes === undefined || rxPackets === undefined || rxErrors === undefined || rxDropped === undefined) return undefined;
  if (txBytes === undefined || txPackets === undefined || txErrors === undefined || txDropped === undefined) return undefined;
  const name = text(bytes, nameStart, nameEnd);
  return { name, rxBytes, rxPackets, rxErrors, rxDropped, txBytes, txPackets, txErrors, txDropped };
}

function column(bytes: Uint8Array, index: number): Count | undefined {
  return parseCount(bytes, fields.start(index), fields.end(index));
}
