/** Where the program of the thread is. The bundle has it as text in this module's place: scripts/pack-thread.ts. */
export const walkProgram = new URL('walk-worker.ts', import.meta.url);
