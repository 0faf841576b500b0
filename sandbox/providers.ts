import { accountPath, typingsFolder } from "./home";
import type { Provider } from "./provider/types";
import type { World } from "./world";

/** What a stand-in provider may need. */
export interface Surroundings {
  /** The sandbox's home directory. */
  readonly home: string;
  readonly world: World;
}

const TARGET_GROUP = "aws:lb/targetGroup:TargetGroup";

/** Stand-in providers by package name, each loaded when an engine first asks for it. */
export const providers: Readonly<Record<string, (surroundings: Surroundings) => Promise<Provider>>> = {
  aws: async ({ home, world }) => {
    const [{ AwsProvider }, { Accounts }, { table, invokes }, { Typings }, { Faults }, eks, ecs] = await Promise.all([
      import("./aws/provider"),
      import("./aws/accounts"),
      import("./aws/table"),
      import("./provider/typings"),
      import("./faults"),
      import("./aws/eks/kubernetes"),
      import("./aws/ecs/tasks"),
    ]);
    eks.useKubernetes(eks.realKubernetes(home));
    ecs.useTaskFaults(home);
    const typings = new Typings("aws", typingsFolder());
    return new AwsProvider({
      version: await sdkVersion("aws"),
      accounts: new Accounts(world, (account) => accountPath(home, account)),
      table,
      invokes,
      typings,
      faults: new Faults(home),
    });
  },
  awsx: component("awsx"),
  kubernetes: async ({ home, world }) => {
    const { kubernetesProvider } = await import("./kubernetes/provider");
    const targetGroupExists = (wanted: string): boolean =>
      world.find(TARGET_GROUP, ({ id, properties }) => id === wanted || properties["name"] === wanted) !== undefined;
    return kubernetesProvider(home, { targetGroupExists });
  },
  random: async () => (await import("./random")).randomProvider(await sdkVersion("random"), typingsFolder()),
  tls: async () => (await import("./tls/provider")).tlsProvider(await sdkVersion("tls"), typingsFolder()),
};

function component(name: string) {
  return async (): Promise<Provider> =>
    (await import("./components/provider")).componentProvider(name, await sdkVersion(name));
}

/** The installed version of a package's SDK, which is the plugin version its programs ask the engine for. */
export async function sdkVersion(name: string): Promise<string> {
  const manifest = (await import(`@pulumi/${name}/package.json`)) as { version: string };
  return manifest.version;
}
