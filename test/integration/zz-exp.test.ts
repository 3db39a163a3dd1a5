import { test } from 'vitest';
import { createHash } from 'node:crypto';
import { startInfluxDb } from '/work/main/test/servers/influxdb.ts';
test('x', async () => {
  await using s = await startInfluxDb();
  const d=(t:string)=>createHash('sha512').update(t).digest('hex');
  const fields=['cpu_usage_core_nanoseconds','cpu_user_nanoseconds','cpu_system_nanoseconds','cpu_usage_nanocores','cpu_cfs_periods','cpu_cfs_throttled_periods','cpu_cfs_throttled_nanoseconds','memory_usage_bytes','memory_working_set_bytes','memory_rss_bytes','memory_cache_bytes','memory_page_faults','memory_major_page_faults','swap','pids'];
  const t0=Date.now()-200_000;
  for(let c=0;c<200;c++){ let b=''; for(let p=0;p<120;p++){ b+=`k8s_container,cluster=whole,container=${d('c'+p).slice(0,60)},namespace=default,node=n,pod=web-${d('p'+(p%40))},qos=BestEffort,workload=none,workload_kind=none ${fields.map((f,i)=>f+'='+(c*p+i)+'i').join(',')} ${t0+c*1000}\n`; }
    const r=await fetch(`${s.url}/api/v2/write?org=${s.org}&bucket=${s.bucket}&precision=ms`,{method:'POST',headers:{authorization:`Token ${s.token}`},body:b}); if(r.status!==204) throw new Error(await r.text()); }
  const q=async(name:string,flux:string)=>{ const t=performance.now(); const r=await fetch(`${s.url}/api/v2/query?org=${s.org}`,{method:'POST',headers:{authorization:`Token ${s.token}`,'content-type':'application/vnd.flux',accept:'application/csv'},body:flux}); const x=await r.text(); console.log(name,Math.round(performance.now()-t),x.length,x.slice(0,700)); };
  const from=`from(bucket: "${s.bucket}") |> range(start: -1h) |> filter(fn: (r) => r.cluster == "whole") |> drop(columns: ["_start", "_stop"])`;
  const pivot=`|> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`;
  await q('raw',from);
  await q('pivot',from+pivot);
  await q('pivot keep',from+`|> keep(columns:["_time","_field","_value","_measurement","container","pod"])`+pivot);
  await q('fields first','import "influxdata/influxdb/schema"\n'+`from(bucket: "${s.bucket}") |> range(start: -1h) |> filter(fn: (r) => r.cluster == "whole") |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")|> drop(columns: ["_start", "_stop"])`);
  await q('map pivot',from+'|> map(fn: (r) => ({ r with _value: string(v: r._value) }))'+pivot);
});
