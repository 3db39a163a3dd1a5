/**
 * The two kinds that the chart can make and Kubernetes itself does not know, with as much of their schemas as the chart uses: a field
 * that is not in it is refused. After https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor and
 * https://docs.openshift.com/container-platform/latest/rest_api/security_apis/securitycontextconstraints-security-openshift-io-v1.html
 */
const string = { type: 'string' };
const boolean = { type: 'boolean' };
const strings = { type: 'array', items: string };
const integer = { type: 'integer' };

export const foreignDefinitions: readonly object[] = [
  definition(
    { group: 'monitoring.coreos.com', kind: 'PodMonitor', plural: 'podmonitors', scope: 'Namespaced' },
    {
      spec: object({
        selector: object({ matchLabels: { type: 'object', additionalProperties: string } }),
        podMetricsEndpoints: { type: 'array', items: object({ port: string, path: string, interval: string }) },
      }),
    },
  ),
  definition(
    {
      group: 'security.openshift.io',
      kind: 'SecurityContextConstraints',
      plural: 'securitycontextconstraints',
      scope: 'Cluster',
    },
    {
      users: strings,
      groups: strings,
      priority: { ...integer, nullable: true },
      allowHostPID: boolean,
      allowHostDirVolumePlugin: boolean,
      allowHostIPC: boolean,
      allowHostNetwork: boolean,
      allowHostPorts: boolean,
      allowPrivilegedContainer: boolean,
      allowPrivilegeEscalation: boolean,
      allowedCapabilities: strings,
      defaultAddCapabilities: strings,
      requiredDropCapabilities: strings,
      readOnlyRootFilesystem: boolean,
      runAsUser: object({
        type: { enum: ['MustRunAs', 'MustRunAsNonRoot', 'MustRunAsRange', 'RunAsAny'], ...string },
        uid: integer,
      }),
      fsGroup: object({ type: string, ranges: { type: 'array', items: object({ min: integer, max: integer }) } }),
      supplementalGroups: object({ type: string }),
      seLinuxContext: object({ type: { enum: ['MustRunAs', 'RunAsAny'], ...string } }),
      seccompProfiles: strings,
      volumes: strings,
    },
  ),
];

function object(properties: object): object {
  return { type: 'object', properties };
}

interface Names {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: string;
}

function definition({ group, kind, plural, scope }: Names, properties: object): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: object(properties) } }],
    },
  };
}
