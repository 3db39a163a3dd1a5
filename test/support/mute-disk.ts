import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Where the kernel has no FUSE there is no such disk. */
export const fuse = '/dev/fuse';

/**
 * Mounts a file system on a directory whose server never answers: whoever asks it for anything waits until it is killed, as on a
 * network disk that is away. Needs root.
 */
export async function muteDisk(directory: string): Promise<AsyncDisposable> {
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
  // The shell holds the server's end open, and the mount goes when that is closed.
  const script = `exec 3<>${fuse} && mount -i -t fuse -o ${options} mute "$1" && echo mounted && exec cat`;
  const server = spawn('/bin/sh', ['-c', script, 'sh', directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(server, 'exit');
  const [line] = await Promise.race([once(createInterface(server.stdout), 'line'), exit]);
  if (line !== 'mounted') throw new Error(`Cannot mount a file system of FUSE on ${directory}`);
  return {
    async [Symbol.asyncDispose]() {
      const unmount = spawn('umount', ['-l', directory], { stdio: 'inherit' });
      await once(unmount, 'exit');
      server.kill('SIGKILL');
      await exit;
    },
  };
}
