import { expect, test } from 'vitest';
import { readSockets } from '../../../src/collect/sockets.ts';
import { openProcess } from '../../../src/host/process.ts';
import { valuesOf } from '../../../src/metrics/values.ts';
import { fieldsOf } from '../metrics/fields-of.ts';
import { filesIn, hostOf } from './host-of.ts';

const texts = {
  stat: '42 (app) S 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n',
  'net/snmp': `Ip: Forwarding InReceives
Ip: 1 99
Tcp: RtoMin MaxConn AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts
Tcp: 200 -1 1 2 3 99 4 5 99 6
Udp: InDatagrams InErrors OutDatagrams RcvbufErrors
Udp: 99 7 99 8
`,
  'net/netstat': 'TcpExt: TW ListenOverflows ListenDrops\nTcpExt: 99 9 10\n',
  'net/sockstat': 'sockets: used 11\nTCP: inuse 12 orphan 99 tw 13 alloc 99 mem 99\nUDP: inuse 14 mem 99\n',
  'net/sockstat6': 'TCP6: inuse 20\nUDP6: inuse 30\n',
};

const whole = {
  tcp_connects_failed: 1,
  tcp_resets_received: 2,
  tcp_established: 3,
  tcp_segments_out: 4,
  tcp_retransmits: 5,
  tcp_resets_sent: 6,
  udp_receive_errors: 7,
  udp_receive_buffer_errors: 8,
  tcp_listen_overflows: 9,
  tcp_listen_drops: 10,
  sockets: 11,
  tcp_sockets: 32,
  tcp_time_wait_sockets: 13,
  udp_sockets: 44,
};

async function fieldsFrom(files: Readonly<Record<string, string>>, measurement: 'k8s_pod' | 'k8s_node' = 'k8s_pod') {
  const { host, warnings } = await hostOf({ 'sys/fs/cgroup/cgroup.controllers': '\n', ...filesIn('proc/42', files) });
  const from = openProcess({ ...host, pid: 42, owner: 'u1' });
  const values = valuesOf(measurement, {});
  readSockets(host, from, values, measurement);
  from.close();
  return { fields: fieldsOf(measurement, values), warnings, reads: host.meters.sockets.reads };
}

test.each(['k8s_pod', 'k8s_node'] as const)('goes to the fields of %s, IPv4 and IPv6 added up', async (measurement) => {
  expect(await fieldsFrom(texts, measurement)).toEqual({ fields: whole, warnings: [], reads: 1 });
});

test('without IPv6 there is IPv4 alone', async () => {
  const { 'net/sockstat6': _, ...rest } = texts;
  expect((await fieldsFrom(rest)).fields).toEqual({ ...whole, tcp_sockets: 12, udp_sockets: 14 });
});

test.each(['', 'garbage\n', 'TCP: inuse x\nUDP: inuse x\n'])(
  'IPv6 alone is no sum: the sockets are absent where sockstat says %j',
  async (sockstat) => {
    const { sockets: _, tcp_sockets, udp_sockets, tcp_time_wait_sockets, ...rest } = whole;
    expect([tcp_sockets, udp_sockets, tcp_time_wait_sockets]).toEqual([32, 44, 13]);
    expect((await fieldsFrom({ ...texts, 'net/sockstat': sockstat })).fields).toEqual(rest);
  },
);

test('each file costs only its own fields when it is missing', async () => {
  const { 'net/snmp': _, ...withoutSnmp } = texts;
  const left = Object.keys((await fieldsFrom(withoutSnmp)).fields);
  expect(left.toSorted()).toEqual(
    ['sockets', 'tcp_listen_drops', 'tcp_listen_overflows', 'tcp_sockets', 'tcp_time_wait_sockets', 'udp_sockets'].toSorted(),
  );
  expect(Object.keys((await fieldsFrom({ stat: texts.stat })).fields)).toEqual([]);
});
