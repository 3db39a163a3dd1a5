/** All kinds of finding, in the order of their lines: docs/check.md is made from it. */
import { checkKinds } from './check.ts';
import { apiClock, apiKinds, apiReach } from './api.ts';
import { cgroupKinds } from './cgroups.ts';
import { configurationKinds } from './configuration.ts';
import { fileSystemKinds } from './file-systems.ts';
import type { Kind } from './finding.ts';
import { influxClock, influxKinds, influxReach } from './influx.ts';
import { outputKinds } from './output.ts';
import { limitKinds } from './own-limits.ts';
import { podKinds } from './pods-found.ts';
import { processKinds } from './processes.ts';
import { selinuxKinds } from './selinux.ts';

export const catalogue: readonly Kind[] = [
  configurationKinds,
  cgroupKinds,
  selinuxKinds,
  limitKinds,
  apiReach,
  apiClock,
  apiKinds,
  podKinds,
  processKinds,
  fileSystemKinds,
  influxReach,
  influxClock,
  influxKinds,
  outputKinds,
  checkKinds,
].flatMap((kinds) => Object.values<Kind>({ ...kinds }));
