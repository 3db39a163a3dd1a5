/** What a kubeconfig needs of packages, and no more of them, so that the bundle holds only that. To be loaded by import() alone. */
export { KubeConfig } from '@kubernetes/client-node';
export { LineCounter, parseDocument } from 'yaml';
