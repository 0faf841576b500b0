import { hostname } from "node:os";

/** Who locked a stack, as self-managed backends tell it. */
export interface LockOwner {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
}

/** Reads `created by root@vm (pid 15415) at 2026-11-21T09:55:04Z`; Pulumi Cloud says nothing of the kind. */
export function lockOwners(message: string): LockOwner[] {
  return [...message.matchAll(/created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g)].map(
    ([, user = "", host = "", pid, since = ""]) => ({ user, host, pid: Number(pid), since }),
  );
}

/** Whether the process that took the lock still runs, as far as it can be seen from this machine. */
export function isRunning({ host, pid }: LockOwner): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
