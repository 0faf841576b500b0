import { shared } from "@selfhosted/common";
import type { ServiceConfig } from "./config";
import { DATABASE_USER_SCRIPT, databaseLogin } from "./databaseUser";
import {
  LOCAL_KEY_PATH,
  POD_CA_PATH,
  apiEnvironment,
  consoleEnvironment,
  databaseUserEnvironment,
  migrationsEnvironment,
  type DatabaseLogin,
  type ApiParts,
  type Environment,
} from "./environment";
import type { ComponentExtras, ExtraComponent } from "./extras";
import { podTlsPair, serving, type PodTls } from "./podTls";
import { helperImage, serviceImage } from "./images";
import { samlPair } from "./saml";
import type { Secret } from "./secretSources";

/** CPU in thousandths of a core, memory in MiB. */
export interface Resources {
  readonly cpu: number;
  readonly memory: number;
}

/** One container of the service, in terms that any platform can run. */
export interface Component {
  /** Name of the workload and of what belongs to it: service account, secret, task definition. */
  readonly name: string;
  readonly image: string;
  /** Replaces the image's own entry point. */
  readonly command?: readonly string[];
  readonly environment: Environment;
  /** Files by path, with secret contents. */
  readonly files?: Readonly<Record<string, Secret>>;
  readonly resources: Resources;
  /** User and group it runs as, never 0. Its root is read-only; it writes to `/tmp` and nowhere else. */
  readonly userId: number;
  /** What only Kubernetes has a place for; configured on another platform it is refused. */
  readonly pod?: Pick<ComponentExtras, "podLabels" | "podAnnotations" | "volumes">;
}

/** A component that runs on and on, and is told to stop. */
export interface Worker extends Component {
  /** Longest time it works on after it was told to stop, in seconds: what it has begun is finished. */
  readonly stopSeconds: number;
  /** How many run at least. */
  readonly replicas: number;
}

/** A component that serves HTTP behind the load balancer. */
export interface Server extends Worker {
  /** Public name it answers at. */
  readonly hostName: string;
  readonly port: number;
  /** What it speaks on that port. */
  readonly protocol: "HTTP" | "HTTPS";
  /** Answers 2xx while the component is up. */
  readonly healthPath: string;
  /** Longest time a start takes, in seconds; one that takes longer has failed. */
  readonly startSeconds: number;
  /** How it follows the load; undefined: it doesn't, and exactly `replicas` run. */
  readonly scaling: Scaling | undefined;
}

/** More copies while they are busy, fewer when they are not. */
export interface Scaling {
  readonly most: number;
  /** Share of the CPU asked for at which copies are added, in percent. */
  readonly busyPercent: number;
}

/** A component that runs to its end; what comes after it waits until it has succeeded. */
export interface OneShot extends Component {
  readonly deadlineSeconds: number;
  /** Another number runs it again. */
  readonly run: number;
  /** Whether it runs again when only a secret changed; it always does when image, command or a plain variable did. */
  readonly repeatsForSecrets: boolean;
}

/** The whole service. Both platforms run just this; neither adds a variable, a port or a size of its own. */
export interface Service {
  /** Undefined when the API's database user was given. */
  readonly databaseUser: OneShot | undefined;
  /** Undefined when an older version comes back to the schema of a newer one. */
  readonly migrations: OneShot | undefined;
  readonly api: Server;
  readonly console: Server;
  /** The API's background jobs, when they have pods of their own; else the API does them too. */
  readonly jobs: Worker | undefined;
}

/** How much a component may keep in `/tmp`, its only writable place, in MiB. */
export const SCRATCH_MIB = 256;

/** `medium` is the vendor's sizing. Source: Pulumi's self-hosting docs, operations, compute sizing. */
const SIZES = {
  small: { api: { cpu: 1000, memory: 2048 }, console: { cpu: 250, memory: 256 } },
  medium: { api: { cpu: 2000, memory: 4096 }, console: { cpu: 500, memory: 512 } },
  large: { api: { cpu: 4000, memory: 8192 }, console: { cpu: 1000, memory: 1024 } },
} as const;

/** Source: the same page, migrations. */
const JOB_SIZE = { cpu: 128, memory: 128 } as const;
/** The first migrations of a large, old installation take a while. */
const MIGRATIONS_DEADLINE_SECONDS = 3600;
/** Some statements, and time to get the image. */
const USER_DEADLINE_SECONDS = 600;

/** Source: the same page; scaling at 50–60 % CPU, up to four times as many. */
const [BUSY_PERCENT, MOST] = [55, 4];
/** The API stops within 120 s. Source: the same page. */
const STOP_SECONDS = 120;
const START_SECONDS = 300;

/**
 * Describes the service, and makes the secrets that it shares with nobody else: the API's password, a SAML pair.
 * `apiAddress` is where the console's server side reaches the API without leaving the network.
 */
export function describeService(config: ServiceConfig, apiAddress: string): Service {
  const login = databaseLogin(config);
  const tls = podTlsPair(config, apiAddress);
  const parts = { login, saml: samlPair(config), tls };
  const isSplit = config.settings.apiMode === "split";
  return {
    databaseUser: login.made ? databaseUserComponent(config, login) : undefined,
    migrations: config.migrates ? migrationsComponent(config) : undefined,
    api: apiComponent(config, isSplit ? { ...parts, mode: "API" } : parts),
    console: consoleComponent(config, apiAddress, tls),
    jobs: isSplit ? jobsComponent(config, { ...parts, tls: undefined, mode: "JOBS" }) : undefined,
  };
}

/** Serves `pulumi` and the console. */
function apiComponent(config: ServiceConfig, parts: ApiParts): Server {
  const { settings, secrets, apiDomain } = config;
  return {
    name: shared.serviceAccounts.api,
    image: serviceImage(settings, "service"),
    environment: apiEnvironment(config, parts),
    files: secrets.localEncryptionKey && { [LOCAL_KEY_PATH]: secrets.localEncryptionKey },
    pod: podExtras(config, "api"),
    resources: settings.resources.api ?? SIZES[settings.size].api,
    hostName: apiDomain,
    port: serving(settings).ports.api,
    protocol: serving(settings).protocol,
    healthPath: shared.healthPaths.api,
    ...served(config, settings.apiReplicas),
  };
}

/** Does the API's work that nobody waits for; it serves nothing, so nobody asks it how it is. */
function jobsComponent(config: ServiceConfig, parts: ApiParts): Worker {
  const { settings, secrets } = config;
  return {
    name: shared.apiJobs,
    image: serviceImage(settings, "service"),
    environment: apiEnvironment(config, parts),
    files: secrets.localEncryptionKey && { [LOCAL_KEY_PATH]: secrets.localEncryptionKey },
    pod: podExtras(config, "api"),
    resources: settings.resources.jobs ?? SIZES[settings.size].api,
    replicas: settings.jobsReplicas,
    stopSeconds: STOP_SECONDS,
    userId: settings.podUserId,
  };
}

/** Serves people's browsers. */
function consoleComponent(config: ServiceConfig, apiAddress: string, tls: PodTls | undefined): Server {
  const { settings, consoleDomain } = config;
  return {
    name: shared.serviceAccounts.console,
    image: serviceImage(settings, "console"),
    environment: consoleEnvironment(config, apiAddress, tls),
    files: tls && { [POD_CA_PATH]: { value: tls.certificate } },
    pod: podExtras(config, "console"),
    resources: settings.resources.console ?? SIZES[settings.size].console,
    hostName: consoleDomain,
    port: serving(settings).ports.console,
    protocol: serving(settings).protocol,
    healthPath: shared.healthPaths.console,
    ...served(config, settings.consoleReplicas),
  };
}

function served({ settings }: ServiceConfig, replicas: number) {
  return {
    replicas,
    startSeconds: START_SECONDS,
    stopSeconds: STOP_SECONDS,
    scaling: settings.autoscaling ? { most: replicas * MOST, busyPercent: BUSY_PERCENT } : undefined,
    userId: settings.podUserId,
  };
}

/** What `extras` says that only Kubernetes has a place for. */
function podExtras({ extras }: ServiceConfig, component: ExtraComponent): Component["pod"] {
  const { podLabels, podAnnotations, volumes } = extras[component] ?? {};
  return { podLabels, podAnnotations, volumes };
}

/** Brings the schema to the version of the images; runs once a version, before it serves. */
function migrationsComponent(config: ServiceConfig): OneShot {
  const { settings } = config;
  return {
    name: shared.serviceAccounts.migrations,
    image: serviceImage(settings, "migrations"),
    environment: migrationsEnvironment(config),
    pod: podExtras(config, "migrations"),
    resources: settings.resources.migrations ?? JOB_SIZE,
    userId: settings.podUserId,
    deadlineSeconds: MIGRATIONS_DEADLINE_SECONDS,
    run: settings.migrationsRun,
    repeatsForSecrets: false,
  };
}

/** Makes the API's database user, or gives it its current password and rights. */
function databaseUserComponent(config: ServiceConfig, login: DatabaseLogin): OneShot {
  const { settings } = config;
  return {
    name: shared.databaseUser,
    image: helperImage(settings, "databaseClient"),
    command: ["/bin/sh", "-c", DATABASE_USER_SCRIPT],
    environment: databaseUserEnvironment(config, login),
    resources: JOB_SIZE,
    userId: settings.podUserId,
    deadlineSeconds: USER_DEADLINE_SECONDS,
    run: settings.migrationsRun,
    repeatsForSecrets: true,
  };
}
