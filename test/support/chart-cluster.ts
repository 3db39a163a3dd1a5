/** A cluster for the chart to be installed on. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startApiServer } from '../servers/api-server.ts';
import { foreignDefinitions } from './foreign-definitions.ts';
import { createAdmin, type Admin } from './install/admin.ts';

/** An admin of an API server that has all kinds that the chart can make, and no node. The server ends with the admin. */
export async function startChartCluster(): Promise<Admin> {
  await using parts = new AsyncDisposableStack();
  const server = parts.use(await startApiServer());
  const admin = parts.use(await createAdmin(server.kubeconfig({ token: server.adminToken })));
  const list = { apiVersion: 'v1', kind: 'List', items: foreignDefinitions };
  await writeFile(join(admin.folder, 'definitions.json'), JSON.stringify(list));
  await admin.sh('kubectl apply --filename definitions.json');
  await admin.sh('kubectl wait --for=condition=Established --all customresourcedefinitions --timeout=60s');
  const owned = parts.move();
  return { ...admin, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
