import { z } from "zod";

const name = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "must be 1–63 lowercase letters, digits and hyphens");

/**
 * One team: where it deploys from and to, and who may do what with its deployments. A kind judges a value and leaves it as
 * it is written, so there are no defaults here.
 */
export const team = z.strictObject({
  /** Name of its AppProject. */
  name: name.refine((word) => word !== "default", "must not be default, which is Argo CD's own project"),
  /** Git repositories, as Argo CD writes them; `*` within a path segment. */
  repositories: z.array(z.string().min(1).max(1024)).min(1).max(100),
  /** Namespaces, made here; nothing else in the cluster is the team's. */
  namespaces: z.array(name).min(1).max(50),
  /** Pod Security level of its namespaces: restricted unless given. */
  podSecurity: z.enum(["restricted", "baseline"]).optional(),
  /** Groups of the sign-in that deploy: they change, sync and delete the team's Applications. */
  deployers: z.array(z.string().min(1).max(255)).max(50).optional(),
  /** Groups of the sign-in that look at the team's Applications and logs. */
  viewers: z.array(z.string().min(1).max(255)).max(50).optional(),
});

/** A team as it was configured. */
export type Team = z.infer<typeof team>;

/** What documents and errors show of a team. */
export const teamExample: Team = {
  name: "payments",
  repositories: ["https://github.com/example/payments.git"],
  namespaces: ["payments"],
  deployers: ["payments-developers"],
};
