import type * as pulumi from "@pulumi/pulumi";
import { shared } from "@selfhosted/common";
import type { ServiceConfig } from "./config";
import {
  LOCAL_KEY_PATH,
  apiEnvironment,
  consoleEnvironment,
  databaseUserEnvironment,
  migrationsEnvironment,
  type DatabaseLogin,
  type Environment,
} from "./environment";
import type { SamlPair } from "./saml";

/** CPU in thousandths of a core, memory in MiB. */
export interface Resources {
  readonly cpu: number;
  readonly memory: number;
}

/** One container of the service, in terms that any platform can run. */
export interface Component {
  /** Name of the workload, its service account and its secret. */
  readonly name: string;
  readonly image: string;
  /** Replaces the image's own entry point. */
  readonly command?: readonly string[];
  readonly environment: Environment;
  /** Files by path, with secret contents. */
  readonly files?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly resources: Resources;
}

/** A component that serves HTTP. */
export interface Server extends Component {
  readonly port: number;
  readonly healthPath: string;
  readonly replicas: number;
}

/** `medium` is the vendor's sizing. Source: Pulumi's self-hosting docs, operations, compute sizing. */
const SIZES = {
  small: { api: { cpu: 1000, memory: 2048 }, console: { cpu: 250, memory: 256 } },
  medium: { api: { cpu: 2000, memory: 4096 }, console: { cpu: 500, memory: 512 } },
  large: { api: { cpu: 4000, memory: 8192 }, console: { cpu: 1000, memory: 1024 } },
} as const;

/** Source: the same page, migrations. */
const JOB_SIZE = { cpu: 128, memory: 128 } as const;

/** Serves `pulumi` and the console. */
export function apiComponent(config: ServiceConfig, login: DatabaseLogin, saml: SamlPair | undefined): Server {
  const { settings } = config;
  return {
    name: shared.serviceAccounts.api,
    image: `${settings.imagePrefix}/service:${settings.imageTag}`,
    environment: apiEnvironment(config, login, saml),
    files: settings.localEncryptionKey && { [LOCAL_KEY_PATH]: settings.localEncryptionKey },
    resources: SIZES[settings.size].api,
    port: shared.ports.api,
    healthPath: shared.healthPaths.api,
    replicas: settings.apiReplicas,
  };
}

/** Serves people's browsers. */
export function consoleComponent(config: ServiceConfig, apiInternalUrl: string): Server {
  const { settings } = config;
  return {
    name: shared.serviceAccounts.console,
    image: `${settings.imagePrefix}/console:${settings.imageTag}`,
    environment: consoleEnvironment(config, apiInternalUrl),
    resources: SIZES[settings.size].console,
    port: shared.ports.console,
    healthPath: shared.healthPaths.console,
    replicas: settings.consoleReplicas,
  };
}

/** Brings the schema to the version of the images; runs once a version, before it serves. */
export function migrationsComponent(config: ServiceConfig): Component {
  const { settings } = config;
  return {
    name: shared.serviceAccounts.migrations,
    image: `${settings.imagePrefix}/migrations:${settings.imageTag}`,
    environment: migrationsEnvironment(config),
    resources: JOB_SIZE,
  };
}

/** Makes the API's database user, or gives it its current password and rights. */
export function databaseUserComponent(config: ServiceConfig, login: DatabaseLogin, script: string): Component {
  return {
    name: "pulumi-database-user",
    image: config.settings.databaseClientImage,
    command: ["/bin/sh", "-c", script],
    environment: databaseUserEnvironment(config, login),
    resources: JOB_SIZE,
  };
}
